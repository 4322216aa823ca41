// SPDX-License-Identifier: Apache-2.0
#include "oci/store/referrers.h"

#include <string.h>

#include "oci/documents/index_json.h"

char *ohc_referrers_tag(const char *digest)
{
	return ohc_xasprintf("%s-%.64s", ohc_digest_algorithm_name(digest), ohc_digest_hex(digest));
}

bool ohc_referrers_is_tag(const char *tag)
{
	const bool begins = strncmp(tag, "sha256-", 7) == 0 || strncmp(tag, "sha512-", 7) == 0;

	return begins && strspn(tag + 7, "0123456789abcdef") >= 64;
}

static json_t *member(const json_t *obj, const char *key)
{
	return json_object_get(obj, key);
}

static bool has_digest(const json_t *descriptor, const char *digest)
{
	const char *s = json_string_value(member(descriptor, "digest"));

	return s && strcmp(s, digest) == 0;
}

size_t ohc_referrers_find(const json_t *list, const char *digest)
{
	json_t *d;
	size_t i;

	json_array_foreach (list, i, d)
		if (has_digest(d, digest))
			return i;
	return json_array_size(list);
}

json_t *ohc_referrers_entry(const struct ohc_descriptor *d, const json_t *manifest)
{
	json_t *entry = ohc_descriptor_json(d);
	json_t *type = member(manifest, "artifactType");

	if (!json_is_string(type) || json_string_length(type) == 0)
		type = member(member(manifest, "config"), "mediaType");
	if (json_is_string(type))
		json_object_set(entry, "artifactType", type);
	if (json_is_object(member(manifest, "annotations")))
		json_object_set(entry, "annotations", member(manifest, "annotations"));
	return entry;
}

/* Adds the entry when its manifest's subject is digest. */
static int consider(struct ohc_store *s, const json_t *entry, const char *digest, json_t *list,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *manifest = NULL;
	struct ohc_descriptor d;
	int rc;

	if (ohc_descriptor_parse(entry, "", &d, NULL) < 0 ||
	    ohc_referrers_find(list, d.digest) < json_array_size(list) ||
	    !(ohc_media_is_manifest(d.media_type) || ohc_media_is_index(d.media_type)))
		return 0;
	rc = ohc_store_get_child(s, &d, &doc, err);
	if (rc == -OHC_E_NOT_FOUND || rc == -OHC_E_FORMAT || rc == -OHC_E_DIGEST)
		return 0;
	if (rc == 0)
		rc = ohc_json_parse(ohc_buf_str(&doc.bytes), doc.bytes.len, "", &manifest, err);
	if (rc < 0 || !has_digest(member(manifest, "subject"), digest))
		return rc;
	json_array_append_new(list, ohc_referrers_entry(&doc.d, manifest));
	return 0;
}

static int consider_all(struct ohc_store *s, const json_t *index, const char *digest, json_t *list,
			struct ohc_error *err)
{
	json_t *entry;
	size_t i;

	json_array_foreach (member(index, "manifests"), i, entry) {
		int rc = consider(s, entry, digest, list, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int ohc_referrers_from_index(struct ohc_store *s, const json_t *index, const char *digest,
			     struct ohc_buf *ret_bytes, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *result = ohc_index_json_new();
	ohc_cleanup(ohc_json_decref) json_t *fallback = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(digest);
	ohc_cleanup(ohc_freep) char *text = NULL;
	json_t *list = member(result, "manifests");
	struct ohc_descriptor d;
	int rc = consider_all(s, index, digest, list, err);

	if (rc == 0 && ohc_index_json_find(index, tag, "", &d, NULL) == 0 &&
	    ohc_media_is_index(d.media_type) && ohc_store_get_child(s, &d, &doc, NULL) == 0 &&
	    ohc_json_parse(ohc_buf_str(&doc.bytes), doc.bytes.len, "", &fallback, NULL) == 0)
		rc = consider_all(s, fallback, digest, list, err);
	if (rc < 0)
		return rc;
	text = ohc_json_text(result);
	ohc_buf_adds(ret_bytes, text);
	return 0;
}
