// SPDX-License-Identifier: Apache-2.0
/* The annotation is a stranger's: every member has its type, and none is unknown. */
#include <string.h>

#include "compose/composition/composition.h"
#include "core/alloc.h"
#include "oci/documents/json_members.h"

#define AT(field) offsetof(struct ohc_composition, field)
#define OF(field) offsetof(struct ohc_composition_payload, field)

static int read_digest(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_text(r, v, path, to);

	if (rc == 0 && !ohc_digest_valid(*(char **)to))
		return ohc_json_member_wrong(r, path, "is no digest");
	return rc;
}

static int read_digests(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const struct ohc_strv *list = to;
	int rc = ohc_json_member_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!ohc_digest_valid(list->v[i]))
			return ohc_json_member_wrong(r, path, "has something that is no digest");
	return rc;
}

static int read_base(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	static const struct ohc_json_member members[] = {
		{ "name", ohc_json_member_text, AT(base.name) },
		{ "tag", ohc_json_member_text, AT(base.tag) },
		{ "digest", read_digest, AT(base.digest) },
		{ "manifest", read_digest, AT(base.manifest) },
		{ "platform", ohc_json_member_text, AT(base.platform) },
	};

	(void)path, (void)to;
	return ohc_json_members_read(r, v, "base", members, OHC_ARRAY_SIZE(members));
}

static int read_profile(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	static const struct ohc_json_member members[] = {
		{ "name", ohc_json_member_text, AT(profile.name) },
		{ "digest", read_digest, AT(profile.digest) },
		{ "content", ohc_json_member_text, AT(profile.content) },
	};

	(void)path, (void)to;
	return ohc_json_members_read(r, v, "profile", members, OHC_ARRAY_SIZE(members));
}

static int read_payload(struct ohc_reader *from, json_t *v, size_t i,
			struct ohc_composition_payload *p)
{
	static const struct ohc_json_member members[] = {
		{ "name", ohc_json_member_text, OF(name) },
		{ "tag", ohc_json_member_text, OF(tag) },
		{ "manifest", read_digest, OF(manifest) },
		{ "prefix", ohc_json_member_path, OF(prefix) },
		{ "layers", read_digests, OF(layers) },
		{ "provides", ohc_json_member_paths, OF(provides) },
	};
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("payloads[%zu]", i);
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", path);
	struct ohc_reader r = *from;
	int rc;

	r.base = p;
	rc = ohc_json_members_read(&r, v, path, members, OHC_ARRAY_SIZE(members));
	if (rc < 0)
		return rc;
	p->looked = json_object_get(v, "provides");
	if (!p->prefix || !p->prefix[1])
		return ohc_json_member_wrong(&r, where, "has no 'prefix'");
	return p->layers.n ? 0 : ohc_json_member_wrong(&r, where, "has no 'layers'");
}

static int read_payloads(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	json_t *one;
	int rc = 0;
	size_t i;

	(void)to;
	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path, "is not an array");
	json_array_foreach (v, i, one)
		if (rc == 0)
			rc = read_payload(r, one, i, ohc_composition_add_payload(r->base));
	return rc;
}

static int read_options(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	if (!json_is_object(v))
		return ohc_json_member_wrong(r, path, "is not an object");
	*(json_t **)to = json_incref(v);
	return 0;
}

static int skip_schema(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	(void)r, (void)v, (void)path, (void)to;
	return 0;
}

/* Nothing could be composed without these. */
static int check_whole(const struct ohc_reader *r)
{
	const struct ohc_composition *c = r->base;
	const bool scratch = c->base.name && strcmp(c->base.name, "scratch") == 0;
	const struct {
		const char *path;
		bool there;
	} all[] = {
		{ "'program'", c->program },
		{ "'codec'", c->codec },
		{ "'base.digest'", scratch || c->base.digest },
		{ "'base.manifest'", scratch || c->base.manifest },
		{ "'profile.name'", c->profile.name },
		{ "'profile.digest'", c->profile.digest },
		{ "'options'", c->options },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(all); i++)
		if (!all[i].there)
			return ohc_json_member_wrong(r, all[i].path, "is missing");
	return 0;
}

static int check_schema(const json_t *doc, const char *what, struct ohc_error *err)
{
	const json_t *schema = json_object_get(doc, "schema");

	if (json_integer_value(schema) == OHC_COMPOSITION_SCHEMA)
		return 0;
	if (!json_is_integer(schema))
		return ohc_error_set(err, OHC_E_FORMAT, "%s names no schema", what);
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s is of schema %lld, and this version of ohcompose knows %d: use "
			     "the one that wrote it",
			     what, (long long)json_integer_value(schema), OHC_COMPOSITION_SCHEMA);
}

int ohc_composition_parse(const char *text, const char *what, struct ohc_composition *ret,
			  struct ohc_error *err)
{
	static const struct ohc_json_member members[] = {
		{ "schema", skip_schema, 0 },
		{ "program", ohc_json_member_text, AT(program) },
		{ "codec", ohc_json_member_text, AT(codec) },
		{ "base", read_base, 0 },
		{ "payloads", read_payloads, 0 },
		{ "profile", read_profile, 0 },
		{ "options", read_options, AT(options) },
	};
	ohc_cleanup(ohc_freep) char *title =
		ohc_xasprintf("annotation '" OHC_COMPOSITION "' of %s", what);
	ohc_cleanup(ohc_composition_clear) struct ohc_composition c = OHC_COMPOSITION_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader r = { .base = &c, .what = title, .err = err, .exact = true };
	int rc = ohc_json_parse(text, strlen(text), title, &doc, err);

	if (rc == 0)
		rc = check_schema(doc, title, err);
	if (rc == 0)
		rc = ohc_json_members_read(&r, doc, "", members, OHC_ARRAY_SIZE(members));
	if (rc == 0)
		rc = check_whole(&r);
	if (rc < 0)
		return rc;
	*ret = c;
	c = (struct ohc_composition)OHC_COMPOSITION_INIT;
	return 0;
}

int ohc_composition_read(const struct ohc_manifest *m, const char *what,
			 struct ohc_composition *ret, struct ohc_error *err)
{
	const char *text = ohc_composition_text_of(m);

	if (text)
		return ohc_composition_parse(text, what, ret, err);
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s does not say how it was composed: it has no annotation "
			     "'" OHC_COMPOSITION "', which push, bake and upgrade write",
			     what);
}
