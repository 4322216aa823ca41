// SPDX-License-Identifier: Apache-2.0
#include "oci/image/attach.h"

#include <string.h>

#include "core/alloc.h"
#include "core/utf8.h"
#include "oci/image/copy.h"
#include "oci/store/referrers.h"

#define TITLE "org.opencontainers.image.title"

/* The digest of `{}` (image-spec manifest.md, "Guidance for an Empty Descriptor"). */
#define EMPTY "{}"

/* Describes the file, and then returns to its first byte. */
static int describe(struct ohc_source *file, const char *type, struct ohc_descriptor *ret,
		    struct ohc_error *err)
{
	char digest[OHC_DIGEST_MAX];
	int64_t size;
	int rc = ohc_digest_of_source(file, digest, &size, err);

	if (rc < 0)
		return rc;
	ohc_descriptor_set(ret, type, digest, size);
	return ohc_source_seek(file, 0, err);
}

static json_t *layer_json(const struct ohc_attach *a, const struct ohc_descriptor *file)
{
	json_t *layer = ohc_descriptor_json(file);

	if (a->title)
		json_object_set_new(layer, "annotations",
				    json_pack("{s:o}", TITLE, ohc_json_text_value(a->title)));
	return layer;
}

static int annotations_json(const struct ohc_attach *a, json_t **ret, struct ohc_error *err)
{
	json_t *all = json_object();

	for (size_t i = 0; a->annotations && i < a->annotations->n; i++) {
		const char *text = a->annotations->v[i], *eq = strchr(text, '=');
		ohc_cleanup(ohc_freep) char *key = NULL;

		if (!eq || eq == text) {
			json_decref(all);
			return ohc_error_set(err, OHC_E_USAGE,
					     "'%.200s' is no annotation: it is KEY=VALUE", text);
		}
		if (!ohc_utf8_is_whole(text)) {
			json_decref(all);
			return ohc_error_set(err, OHC_E_USAGE,
					     "annotation '%.200s' is not valid UTF-8", text);
		}
		key = ohc_xstrndup(text, (size_t)(eq - text));
		json_object_set_new(all, key, ohc_json_text_value(eq + 1));
	}
	*ret = all;
	return 0;
}

int ohc_attach_check(const struct ohc_attach *a, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *annotations = NULL;

	if (!ohc_media_valid(a->type))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"'%.200s' is no media type: it is like 'application/spdx+json'", a->type);
	return annotations_json(a, &annotations, err);
}

/* Makes the manifest, which depends on nothing but the file, the subject and the options. */
static int make_manifest(const struct ohc_attach *a, const struct ohc_descriptor *file,
			 struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL, *annotations = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_descriptor empty;
	int rc = annotations_json(a, &annotations, err);

	if (rc < 0)
		return rc;
	ohc_descriptor_of(&empty, OHC_MEDIA_OCI_EMPTY, EMPTY, strlen(EMPTY));
	doc = json_pack("{s:i, s:s, s:s, s:o, s:[o], s:o}", "schemaVersion", 2, "mediaType",
			OHC_MEDIA_OCI_MANIFEST, "artifactType", a->type, "config",
			ohc_descriptor_json(&empty), "layers", layer_json(a, file), "subject",
			ohc_descriptor_json(&a->subject));
	if (json_object_size(annotations) > 0)
		json_object_set(doc, "annotations", annotations);
	text = ohc_json_text(doc);
	ohc_buf_adds(&ret->bytes, text);
	ohc_descriptor_of(&ret->d, OHC_MEDIA_OCI_MANIFEST, text, strlen(text));
	return 0;
}

static int put(const struct ohc_attach *a, struct ohc_source *src,
	       const struct ohc_descriptor *expected, struct ohc_descriptor *ret,
	       struct ohc_error *err)
{
	bool there = false;
	int rc = expected ? ohc_store_has_blob(a->store, expected, &there, err) : 0;

	if (rc == 0 && !there)
		rc = ohc_store_put_blob(a->store, src, expected, a->type, ret, err);
	return rc;
}

static int list_has(struct ohc_store *s, const char *subject, const char *digest, bool *ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	int rc = ohc_attach_list(s, subject, &list, err);

	if (rc == 0)
		*ret = ohc_referrers_find(list, digest) < json_array_size(list);
	return rc;
}

/* A file that can be read only once is sent before its digest is known. */
static int settle_file(const struct ohc_attach *a, struct ohc_source *src, bool twice,
		       struct ohc_descriptor *ret, struct ohc_error *err)
{
	if (twice)
		return describe(src, a->type, ret, err);
	return put(a, src, NULL, ret, err);
}

/* All but the file is there then.  *ret->was_there: so is everything. */
static int finish(const struct ohc_attach *a, const struct ohc_document *doc,
		  const struct ohc_descriptor *file, bool was_there, struct ohc_attached *ret,
		  struct ohc_error *err)
{
	int rc = 0;

	if (!was_there)
		rc = ohc_store_put_bytes(a->store, EMPTY, strlen(EMPTY), OHC_MEDIA_OCI_EMPTY, NULL,
					 err);
	if (rc == 0 && !was_there)
		rc = ohc_store_put_manifest(a->store, NULL, doc, err);
	if (rc == 0)
		*ret = (struct ohc_attached){ doc->d, *file, was_there };
	return rc;
}

int ohc_attach_file(const struct ohc_attach *a, struct ohc_source *src, struct ohc_attached *ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	bool twice = ohc_source_can_seek(src), was_there = false;
	struct ohc_descriptor file;
	int rc = settle_file(a, src, twice, &file, err);

	if (rc == 0)
		rc = make_manifest(a, &file, &doc, err);
	if (rc == 0)
		rc = list_has(a->store, a->subject.digest, doc.d.digest, &was_there, err);
	if (rc == 0 && !was_there && twice)
		rc = put(a, src, &file, NULL, err);
	return rc < 0 ? rc : finish(a, &doc, &file, was_there, ret, err);
}

int ohc_attach_blob(const struct ohc_attach *a, struct ohc_store *from,
		    const struct ohc_descriptor *file, struct ohc_attached *ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	bool was_there = false;
	int rc = make_manifest(a, file, &doc, err);

	if (rc == 0)
		rc = list_has(a->store, a->subject.digest, doc.d.digest, &was_there, err);
	if (rc == 0 && !was_there)
		rc = ohc_copy_blob(from, a->store, file, a->report, NULL, err);
	return rc < 0 ? rc : finish(a, &doc, file, was_there, ret, err);
}

static const char *text_of(const json_t *entry, const char *key)
{
	const char *s = json_string_value(json_object_get(entry, key));

	return s ? s : "";
}

static int by_type(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	int d = strcmp(text_of(x, "artifactType"), text_of(y, "artifactType"));

	return d ? d : strcmp(text_of(x, "digest"), text_of(y, "digest"));
}

/* The entries that are descriptors; a registry may list anything. */
static json_t *sorted(const json_t *list)
{
	size_t n = json_array_size(list), kept = 0;
	json_t **v = ohc_xcalloc(n ? n : 1, sizeof(*v)), *all = json_array(), *entry;
	struct ohc_descriptor d;
	size_t i;

	json_array_foreach (list, i, entry)
		if (ohc_descriptor_parse(entry, "", &d, NULL) == 0)
			v[kept++] = entry;
	qsort(v, kept, sizeof(*v), by_type);
	for (i = 0; i < kept; i++)
		json_array_append(all, v[i]);
	free(v);
	return all;
}

int ohc_attach_list(struct ohc_store *s, const char *subject, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	int rc = ohc_store_get_referrers(s, subject, &doc, err);

	if (rc == 0)
		rc = ohc_json_parse(ohc_buf_str(&doc.bytes), doc.bytes.len, "the referrers", &index,
				    err);
	if (rc == 0)
		*ret = sorted(json_object_get(index, "manifests"));
	return rc;
}
