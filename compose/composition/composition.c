// SPDX-License-Identifier: Apache-2.0
#include "compose/composition/composition.h"

#include <string.h>

#include "core/alloc.h"

const char *ohc_composition_text_of(const struct ohc_manifest *m)
{
	return json_string_value(
		json_object_get(json_object_get(m->doc, "annotations"), OHC_COMPOSITION));
}

struct ohc_composition_payload *ohc_composition_add_payload(struct ohc_composition *c)
{
	struct ohc_composition_payload *p;

	c->payloads = ohc_xrealloc(c->payloads, c->n_payloads + 1, sizeof(*c->payloads));
	p = &c->payloads[c->n_payloads++];
	memset(p, 0, sizeof(*p));
	return p;
}

void ohc_composition_clear(struct ohc_composition *c)
{
	char *texts[] = { c->program,        c->codec,          c->base.name,     c->base.tag,
			  c->base.digest,    c->base.manifest,  c->base.platform, c->profile.name,
			  c->profile.digest, c->profile.content };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < c->n_payloads; i++) {
		struct ohc_composition_payload *p = &c->payloads[i];

		free(p->name);
		free(p->tag);
		free(p->manifest);
		free(p->prefix);
		ohc_strv_clear(&p->layers);
		ohc_strv_clear(&p->provides);
	}
	free(c->payloads);
	json_decref(c->options);
	*c = (struct ohc_composition)OHC_COMPOSITION_INIT;
}

/* --- writing --- */

static void set(json_t *obj, const char *key, const char *value)
{
	if (value)
		json_object_set_new(obj, key, ohc_json_text_value(value));
}

static json_t *payload_json(const struct ohc_composition_payload *p)
{
	json_t *obj = json_object();

	set(obj, "name", p->name);
	set(obj, "tag", p->tag);
	set(obj, "manifest", p->manifest);
	set(obj, "prefix", p->prefix);
	json_object_set_new(obj, "layers", ohc_json_texts(&p->layers));
	if (p->looked)
		json_object_set_new(obj, "provides", ohc_json_texts(&p->provides));
	return obj;
}

static json_t *base_json(const struct ohc_composition *c)
{
	json_t *obj = json_object();

	set(obj, "name", c->base.name);
	set(obj, "tag", c->base.tag);
	set(obj, "digest", c->base.digest);
	set(obj, "manifest", c->base.manifest);
	set(obj, "platform", c->base.platform);
	return obj;
}

char *ohc_composition_text(const struct ohc_composition *c)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = json_object();
	json_t *payloads = json_array(), *profile = json_object();

	for (size_t i = 0; i < c->n_payloads; i++)
		json_array_append_new(payloads, payload_json(&c->payloads[i]));
	set(profile, "name", c->profile.name);
	set(profile, "digest", c->profile.digest);
	set(profile, "content", c->profile.content);
	json_object_set_new(doc, "schema", json_integer(OHC_COMPOSITION_SCHEMA));
	set(doc, "program", c->program);
	set(doc, "codec", c->codec);
	json_object_set_new(doc, "base", base_json(c));
	json_object_set_new(doc, "payloads", payloads);
	json_object_set_new(doc, "profile", profile);
	json_object_set_new(doc, "options",
			    c->options ? json_deep_copy(c->options) : json_object());
	return ohc_json_canonical(doc);
}
