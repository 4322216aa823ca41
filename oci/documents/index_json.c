// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/index_json.h"

#include <string.h>

#include "core/buf.h"

json_t *ohc_index_json_new(void)
{
	return json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType", OHC_MEDIA_OCI_INDEX,
			 "manifests");
}

int ohc_index_json_parse(const void *bytes, size_t n, const char *what, json_t **ret,
			 struct ohc_error *err)
{
	static const char *const keys[] = { "schemaVersion", "manifests", NULL };
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *manifests = NULL, *entry;
	size_t i;
	int rc = ohc_json_parse(bytes, n, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_check_spelling(doc, keys, what, err);
	if (rc == 0)
		rc = ohc_json_array(doc, "manifests", what, &manifests, err);
	if (rc < 0)
		return rc;
	if (json_integer_value(json_object_get(doc, "schemaVersion")) != 2)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no schemaVersion 2", what);
	if (json_object_get(doc, "layers") || json_object_get(doc, "config"))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is a manifest, where an index is wanted", what);
	if (!manifests) {
		manifests = json_array();
		json_object_set_new(doc, "manifests", manifests);
	}
	json_array_foreach (manifests, i, entry)
		if (!json_is_object(entry))
			return ohc_error_set(err, OHC_E_FORMAT,
					     "%s: manifests[%zu] is not a JSON object", what, i);
	*ret = ohc_take(doc);
	return 0;
}

static const char *string_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

const char *ohc_index_json_tag(const json_t *entry)
{
	return string_of(json_object_get(entry, "annotations"), OHC_REF_NAME);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void ohc_index_json_tags(const json_t *index, struct ohc_strv *ret)
{
	struct ohc_strv all = OHC_STRV_INIT;
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(index, "manifests"), i, entry)
		if (*ohc_index_json_tag(entry))
			ohc_strv_add(&all, ohc_index_json_tag(entry));
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), compare);
	for (i = 0; i < all.n; i++)
		if (i == 0 || strcmp(all.v[i], all.v[i - 1]) != 0)
			ohc_strv_add(ret, all.v[i]);
	ohc_strv_clear(&all);
}

/* "it has the tags 'a', 'b' and 7 more": a long list helps nobody. */
static void list_tags(const json_t *index, struct ohc_buf *out)
{
	struct ohc_strv tags = OHC_STRV_INIT;
	size_t shown;

	ohc_index_json_tags(index, &tags);
	shown = tags.n > 12 ? 10 : tags.n;
	if (tags.n == 0)
		ohc_buf_adds(out, "it has no tags");
	else
		ohc_buf_adds(out, tags.n == 1 ? "it has the tag " : "it has the tags ");
	for (size_t i = 0; i < shown; i++)
		ohc_buf_addf(out, "%s'%.128s'",
			     i == 0            ? ""
			     : i + 1 == tags.n ? " and "
					       : ", ",
			     tags.v[i]);
	if (shown < tags.n)
		ohc_buf_addf(out, " and %zu more", tags.n - shown);
	ohc_strv_clear(&tags);
}

/* Is the entry an image? Other things (image-layout.md shows an XML file) may be listed as well. */
static bool is_image(const json_t *entry)
{
	const char *media = string_of(entry, "mediaType");

	return !*media || ohc_media_is_manifest(media) || ohc_media_is_index(media);
}

/* Does tag name the entry?  With tag NULL: any image, or any with a tag if need_tag. */
static bool answers(const json_t *entry, const char *tag, bool need_tag)
{
	if (tag)
		return strcmp(ohc_index_json_tag(entry), tag) == 0;
	return is_image(entry) && (!need_tag || *ohc_index_json_tag(entry));
}

enum found { NONE, ONE, SEVERAL };

/* Counts the digests that tag names; *ret_i is the first entry. */
static enum found look(const json_t *manifests, const char *tag, bool need_tag, size_t *ret_i)
{
	const char *first = NULL;
	json_t *entry;
	size_t i;

	json_array_foreach (manifests, i, entry) {
		if (!answers(entry, tag, need_tag))
			continue;
		if (first && strcmp(first, string_of(entry, "digest")) != 0)
			return SEVERAL;
		if (!first)
			*ret_i = i;
		first = string_of(entry, "digest");
	}
	return first ? ONE : NONE;
}

static int not_found(const json_t *index, const char *tag, const char *what, enum found found,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tags = OHC_BUF_INIT;

	list_tags(index, &tags);
	if (tag && found == SEVERAL)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s names different manifests with the one tag '%s'", what,
				     tag);
	if (tag)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "%s has no tag '%s': %s", what, tag,
				     tags.data);
	if (found == NONE)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "%s lists no image", what);
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "%s lists several images: say which by tag or digest; %s", what,
			     tags.data);
}

int ohc_index_json_find(const json_t *index, const char *tag, const char *what,
			struct ohc_descriptor *ret, struct ohc_error *err)
{
	const json_t *manifests = json_object_get(index, "manifests");
	ohc_cleanup(ohc_freep) char *where = NULL;
	size_t i = 0;
	enum found found = look(manifests, tag, false, &i);

	if (!tag && found == SEVERAL && look(manifests, NULL, true, &i) == ONE)
		found = ONE;
	if (found != ONE)
		return not_found(index, tag, what, found, err);
	where = ohc_xasprintf("manifests[%zu] of %s", i, what);
	return ohc_descriptor_parse(json_array_get(manifests, i), where, ret, err);
}

static bool lists(const json_t *manifests, const char *digest)
{
	json_t *entry;
	size_t i;

	json_array_foreach (manifests, i, entry)
		if (strcmp(string_of(entry, "digest"), digest) == 0)
			return true;
	return false;
}

bool ohc_index_json_list(json_t *index, const struct ohc_descriptor *d)
{
	json_t *manifests = json_object_get(index, "manifests");

	if (lists(manifests, d->digest))
		return false;
	json_array_append_new(manifests, ohc_descriptor_json(d));
	return true;
}

bool ohc_index_json_remove(json_t *index, const char *ref)
{
	json_t *manifests = json_object_get(index, "manifests");
	bool by_digest = ohc_digest_valid(ref), changed = false;

	for (size_t i = 0; i < json_array_size(manifests);) {
		json_t *entry = json_array_get(manifests, i);

		if (strcmp(by_digest ? string_of(entry, "digest") : ohc_index_json_tag(entry),
			   ref) != 0) {
			i++;
			continue;
		}
		json_array_remove(manifests, i);
		changed = true;
	}
	return changed;
}
