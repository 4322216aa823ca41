// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/platforms.h"

#include <string.h>

#include "compose/image/base.h"
#include "compose/image/origin.h"
#include "compose/transports/load.h"
#include "core/alloc.h"
#include "oci/documents/index.h"

static bool wanted(const struct ohc_inputs *in, const struct ohc_platform *platform)
{
	for (size_t i = 0; i < in->n_payloads; i++)
		if (ohc_payload_spec_is_for(&in->payloads[i].spec, platform))
			return true;
	return in->n_payloads == 0;
}

static bool is_known(const struct ohc_platforms *p, const struct ohc_platform *platform)
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(&p->v[i].platform, platform, sizeof(*platform)) == 0)
			return true;
	return false;
}

static json_t *platform_json(const struct ohc_platform *p)
{
	json_t *j = json_pack("{s:s, s:s}", "architecture", p->arch, "os", p->os);

	if (p->variant[0])
		json_object_set_new(j, "variant", json_string(p->variant));
	return j;
}

/* entry is the base's, or NULL; a new one is made of it. */
static void add_entry(struct ohc_platforms *p, const struct ohc_platform *platform,
		      const json_t *entry)
{
	json_t *copy = entry ? json_deep_copy(entry) : json_object();

	if (!json_object_get(copy, "platform"))
		json_object_set_new(copy, "platform", platform_json(platform));
	json_object_del(copy, "data");
	p->v = ohc_xrealloc(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct ohc_platforms_one){ *platform, copy };
}

static void add(struct ohc_platforms *p, const struct ohc_inputs *in,
		const struct ohc_platform *platform, const json_t *entry)
{
	if (wanted(in, platform) && !is_known(p, platform))
		add_entry(p, platform, entry);
}

static void keep_index(struct ohc_platforms *p, const struct ohc_index *index)
{
	p->index = json_deep_copy(index->doc);
	json_object_del(p->index, "subject");
}

static int from_index(const struct ohc_inputs *in, const struct ohc_document *doc,
		      struct ohc_platforms *p, struct ohc_error *err)
{
	struct ohc_index index = OHC_INDEX_INIT;
	int rc = ohc_index_parse(doc, &index, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < index.n; i++)
		if (index.entries[i].has_platform && !index.entries[i].attestation)
			add(p, in, &index.entries[i].platform,
			    json_array_get(json_object_get(index.doc, "manifests"), i));
	keep_index(p, &index);
	if (strcmp(doc->d.media_type, OHC_MEDIA_DOCKER_LIST) == 0)
		p->family = OHC_FAMILY_DOCKER;
	ohc_index_clear(&index);
	return 0;
}

static int from_image(struct ohc_store *s, const struct ohc_inputs *in, struct ohc_platforms *p,
		      struct ohc_error *err)
{
	struct ohc_loaded image = { .config = NULL };
	int rc = ohc_load_image(s, ohc_base_ref(in), in->base.given, &in->platform, false, &image,
				err);

	if (rc == 0) {
		p->family = image.manifest.family;
		add(p, in, &image.platform, NULL);
	}
	ohc_load_clear(&image);
	return rc;
}

static int from_base(struct ohc_transports *transports, const struct ohc_inputs *in,
		     struct ohc_platforms *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	int rc = ohc_base_open(transports, in, &s, err);

	if (rc == 0)
		rc = ohc_store_get_manifest(s, ohc_base_ref(in), &doc, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "base '%s'", in->base.given);
	return ohc_media_is_index(doc.d.media_type) ? from_index(in, &doc, p, err)
						    : from_image(s, in, p, err);
}

static bool is_served(const struct ohc_platforms *p, const struct ohc_platform *platform)
{
	for (size_t i = 0; i < p->n; i++)
		if (ohc_platform_match(platform, &p->v[i].platform))
			return true;
	return false;
}

/* An image that is composed again goes on to serve all that it did, unless it may lose some. */
static int check_kept(const struct ohc_inputs *in, const struct ohc_platforms *p,
		      struct ohc_error *err)
{
	const struct ohc_origin *origin = in->options->origin;
	char text[OHC_PLATFORM_TEXT];

	for (size_t i = 0; origin && i < origin->n_platforms; i++) {
		if (is_served(p, &origin->platforms[i]))
			continue;
		ohc_platform_text(&origin->platforms[i], text);
		if (!origin->may_lose)
			return ohc_error_set(
				err, OHC_E_NOT_FOUND,
				"the image for %s would be gone: base '%s' has none any more, or "
				"no payload is for it (--base-kept keeps the base, "
				"--drop-platforms makes those that are left, --platform OS/ARCH "
				"an image of one)",
				text, in->base.given);
		ohc_report_say(in->report, OHC_NOTICE,
			       "'%s': the image for %s is dropped: base '%s' has none any more, "
			       "or no payload is for it",
			       in->dest.given, text, in->base.given);
	}
	return 0;
}

int ohc_platforms_find(struct ohc_transports *transports, const struct ohc_inputs *in,
		       struct ohc_platforms *p, struct ohc_error *err)
{
	int rc = 0;

	if (in->base.transport != OHC_SCRATCH)
		rc = from_base(transports, in, p, err);
	else
		for (size_t i = 0; i < in->n_payloads; i++)
			if (in->payloads[i].spec.has_platform)
				add(p, in, &in->payloads[i].spec.platform, NULL);
	if (rc < 0)
		return rc;
	if (p->n == 0)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "'%s' has no platform that a payload is for: name one as "
				     "--payload linux/arm64=DIR",
				     in->base.given);
	if (in->family_given)
		p->family = in->family;
	return check_kept(in, p, err);
}

static const struct ohc_platforms_made *made_of(const struct ohc_platforms_made *v, size_t n,
						const char *base)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].base && strcmp(v[i].base, base) == 0)
			return &v[i];
	return NULL;
}

static int restore_index(const struct ohc_document *base, const struct ohc_platforms_made *v,
			 size_t n, struct ohc_platforms *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	int rc = ohc_index_parse(base, &index, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < index.n; i++) {
		const json_t *list = json_object_get(index.doc, "manifests");
		const struct ohc_platforms_made *m = made_of(v, n, index.entries[i].d.digest);

		if (!m || !index.entries[i].has_platform || index.entries[i].attestation ||
		    is_known(p, &index.entries[i].platform))
			continue;
		add_entry(p, &index.entries[i].platform, json_array_get(list, i));
		ohc_platforms_set(p, p->n - 1, &m->d);
	}
	keep_index(p, &index);
	return 0;
}

int ohc_platforms_restore(const struct ohc_document *base, const struct ohc_platforms_made *v,
			  size_t n, enum ohc_family family, struct ohc_platforms *p,
			  struct ohc_error *err)
{
	p->family = family;
	if (base)
		return restore_index(base, v, n, p, err);
	for (size_t i = 0; i < n; i++) {
		add_entry(p, &v[i].platform, NULL);
		ohc_platforms_set(p, i, &v[i].d);
	}
	return 0;
}

void ohc_platforms_clear(struct ohc_platforms *p)
{
	for (size_t i = 0; i < p->n; i++)
		json_decref(p->v[i].entry);
	free(p->v);
	json_decref(p->index);
	memset(p, 0, sizeof(*p));
}

void ohc_platforms_set(struct ohc_platforms *p, size_t i, const struct ohc_descriptor *manifest)
{
	ohc_cleanup(ohc_json_decref) json_t *d = ohc_descriptor_json(manifest);

	json_object_update(p->v[i].entry, d);
}

void ohc_platforms_write(const struct ohc_platforms *p, struct ohc_document *ret)
{
	const char *media =
		p->family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_LIST : OHC_MEDIA_OCI_INDEX;
	ohc_cleanup(ohc_json_decref) json_t *doc =
		p->index ? json_deep_copy(p->index) : json_pack("{s:i}", "schemaVersion", 2);
	struct ohc_document out = OHC_DOCUMENT_INIT;
	json_t *manifests = json_array();
	char *text;

	for (size_t i = 0; i < p->n; i++)
		json_array_append(manifests, p->v[i].entry);
	json_object_set_new(doc, "mediaType", json_string(media));
	json_object_set_new(doc, "manifests", manifests);
	if (p->family == OHC_FAMILY_DOCKER)
		json_object_del(doc, "annotations");
	text = ohc_json_text(doc);
	ohc_buf_adds(&out.bytes, text);
	free(text);
	ohc_descriptor_of(&out.d, media, out.bytes.data, out.bytes.len);
	*ret = out;
}
