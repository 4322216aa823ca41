// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/index.h"

#include <string.h>

#include "core/strv.h"

#define REF_NAME       "org.opencontainers.image.ref.name"
#define REFERENCE_TYPE "vnd.docker.reference.type"

static int parse_platform(const json_t *obj, const char *what, struct ohc_index_entry *e,
			  struct ohc_error *err)
{
	const char *os = NULL, *arch = NULL, *variant = NULL;
	json_t *platform = NULL;
	int rc = ohc_json_object(obj, "platform", what, &platform, err);

	if (rc < 0 || !platform)
		return rc;
	rc = ohc_json_string(platform, "os", what, &os, err);
	if (rc == 0)
		rc = ohc_json_string(platform, "architecture", what, &arch, err);
	if (rc == 0)
		rc = ohc_json_string(platform, "variant", what, &variant, err);
	if (rc < 0)
		return rc;
	ohc_platform_set(&e->platform, os, arch, variant);
	e->has_platform = e->platform.os[0] || e->platform.arch[0];
	e->attestation =
		strcmp(e->platform.os, "unknown") == 0 && strcmp(e->platform.arch, "unknown") == 0;
	return 0;
}

static int parse_entry(const json_t *obj, const char *what, struct ohc_index_entry *e,
		       struct ohc_error *err)
{
	json_t *annotations = NULL;
	int rc = ohc_descriptor_parse(obj, what, &e->d, err);

	if (rc == 0)
		rc = parse_platform(obj, what, e, err);
	if (rc == 0)
		rc = ohc_json_object(obj, "annotations", what, &annotations, err);
	if (rc == 0)
		rc = ohc_json_string(annotations, REF_NAME, what, &e->tag, err);
	if (rc < 0)
		return rc;
	if (!e->d.media_type[0])
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no mediaType", what);
	if (json_object_get(annotations, REFERENCE_TYPE))
		e->attestation = true;
	return 0;
}

int ohc_index_parse(const struct ohc_document *doc, struct ohc_index *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index x = OHC_INDEX_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("index %s", doc->d.digest);
	json_t *manifests = NULL, *entry;
	char where[OHC_DIGEST_MAX + 64];
	size_t i;
	int rc = ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, what, &x.doc, err);

	if (rc == 0)
		rc = ohc_json_array(x.doc, "manifests", what, &manifests, err);
	if (rc < 0)
		return rc;
	if (!json_object_get(x.doc, "manifests"))
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no list of manifests", what);
	x.self = doc->d;
	x.entries = ohc_xcalloc(json_array_size(manifests), sizeof(*x.entries));
	json_array_foreach (manifests, i, entry) {
		snprintf(where, sizeof(where), "manifests[%zu] of %s", i, what);
		rc = parse_entry(entry, where, &x.entries[i], err);
		if (rc < 0)
			return rc;
		x.n++;
	}
	*ret = x;
	x = (struct ohc_index)OHC_INDEX_INIT;
	return 0;
}

void ohc_index_clear(struct ohc_index *index)
{
	json_decref(index->doc);
	free(index->entries);
	*index = (struct ohc_index)OHC_INDEX_INIT;
}

static int not_found(const struct ohc_index *index, const struct ohc_platform *want,
		     const char *what, struct ohc_error *err)
{
	enum { SHOWN = 20 };
	ohc_cleanup(ohc_strv_clear) struct ohc_strv seen = OHC_STRV_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	char text[OHC_PLATFORM_TEXT];

	for (size_t i = 0; i < index->n && seen.n <= SHOWN; i++) {
		const struct ohc_index_entry *e = &index->entries[i];

		ohc_platform_text(&e->platform, text);
		if (e->attestation || !e->has_platform || ohc_strv_has(&seen, text))
			continue;
		ohc_strv_add(&seen, text);
		ohc_buf_addf(&list, "%s%s", seen.n > 1 ? ", " : "",
			     seen.n > SHOWN ? "and more" : text);
	}
	return ohc_error_set(err, OHC_E_NOT_FOUND, "%s has no image for platform %s; it has %s",
			     what, ohc_platform_text(want, text),
			     seen.n ? ohc_buf_str(&list) : "none that names a platform");
}

int ohc_index_choose(const struct ohc_index *index, const struct ohc_platform *want,
		     const char *what, const struct ohc_index_entry **ret, struct ohc_error *err)
{
	const struct ohc_index_entry *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < index->n; i++) {
		const struct ohc_index_entry *e = &index->entries[i];
		int rank = ohc_platform_rank(want, &e->platform);

		if (e->attestation || !e->has_platform || rank <= best_rank)
			continue;
		best = e;
		best_rank = rank;
	}
	if (!best)
		return not_found(index, want, what, err);
	*ret = best;
	return 0;
}
