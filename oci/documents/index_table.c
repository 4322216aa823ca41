// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/index_table.h"

#include <string.h>

#include "core/map.h"
#include "core/set.h"

struct ohc_index_table {
	json_t *index;
	json_t *manifests;       /* null where an entry was removed: places stay what they are */
	struct ohc_map *tags;    /* the first entry of each */
	struct ohc_map *bare;    /* by digest, the first entry without a tag */
	struct ohc_set *several; /* tags that a broken index has more than once */
	bool holes;
};

static const char *digest_of(const json_t *entry)
{
	const char *s = json_string_value(json_object_get(entry, "digest"));

	return s ? s : "";
}

static void add(struct ohc_index_table *t, size_t i)
{
	const json_t *entry = json_array_get(t->manifests, i);
	const char *tag = ohc_index_json_tag(entry);
	struct ohc_map *map = *tag ? t->tags : t->bare;
	const char *key = *tag ? tag : digest_of(entry);
	size_t first;

	if (!ohc_map_add(map, key, i, &first) && *tag)
		ohc_set_add(t->several, tag);
}

struct ohc_index_table *ohc_index_table_new(json_t *index)
{
	struct ohc_index_table *t = ohc_xcalloc(1, sizeof(*t));
	size_t n;

	t->index = json_incref(index);
	t->manifests = json_object_get(index, "manifests");
	t->tags = ohc_map_new();
	t->bare = ohc_map_new();
	t->several = ohc_set_new();
	n = json_array_size(t->manifests);
	for (size_t i = 0; i < n; i++)
		add(t, i);
	return t;
}

/* In one pass: to remove entries one by one would move the others each time. */
static void close_holes(struct ohc_index_table *t)
{
	json_t *left = json_array(), *entry;
	size_t i;

	json_array_foreach (t->manifests, i, entry)
		if (!json_is_null(entry))
			json_array_append(left, entry);
	json_array_clear(t->manifests);
	json_array_extend(t->manifests, left);
	json_decref(left);
}

void ohc_index_table_free(struct ohc_index_table *t)
{
	if (!t)
		return;
	if (t->holes)
		close_holes(t);
	json_decref(t->index);
	ohc_map_free(t->tags);
	ohc_map_free(t->bare);
	ohc_set_free(t->several);
	free(t);
}

void ohc_index_table_freep(struct ohc_index_table **t)
{
	ohc_index_table_free(*t);
}

json_t *ohc_index_table_entry(const struct ohc_index_table *t, const char *tag)
{
	size_t i;

	return ohc_map_get(t->tags, tag, &i) ? json_array_get(t->manifests, i) : NULL;
}

int ohc_index_table_find(const struct ohc_index_table *t, const char *tag, const char *what,
			 struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *where = NULL;
	size_t i;

	if (!tag || ohc_set_has(t->several, tag) || !ohc_map_get(t->tags, tag, &i))
		return ohc_index_json_find(t->index, tag, what, ret, err);
	where = ohc_xasprintf("manifests[%zu] of %s", i, what);
	return ohc_descriptor_parse(json_array_get(t->manifests, i), where, ret, err);
}

static void remove_at(struct ohc_index_table *t, size_t i)
{
	json_array_set_new(t->manifests, i, json_null());
	t->holes = true;
}

/* Of several entries with the tag the first stays. */
static bool settle(struct ohc_index_table *t, const char *tag, size_t first)
{
	bool changed = false;
	json_t *entry;
	size_t i;

	if (!ohc_set_has(t->several, tag))
		return false;
	json_array_foreach (t->manifests, i, entry)
		if (i > first && strcmp(ohc_index_json_tag(entry), tag) == 0) {
			remove_at(t, i);
			changed = true;
		}
	return changed;
}

static void set_tag(json_t *entry, const char *tag)
{
	json_object_set_new(ohc_json_make_object(entry, "annotations"), OHC_REF_NAME,
			    json_string(tag));
}

/* One that is listed without a tag gets this one. */
static bool tag_bare(struct ohc_index_table *t, const char *tag, const char *digest)
{
	size_t i;

	if (!ohc_map_get(t->bare, digest, &i))
		return false;
	ohc_map_remove(t->bare, digest);
	set_tag(json_array_get(t->manifests, i), tag);
	ohc_map_put(t->tags, tag, i);
	/* There may be another one of the digest. */
	for (size_t n = json_array_size(t->manifests); ++i < n;) {
		const json_t *entry = json_array_get(t->manifests, i);

		if (json_is_object(entry) && !*ohc_index_json_tag(entry) &&
		    strcmp(digest_of(entry), digest) == 0) {
			ohc_map_put(t->bare, digest, i);
			break;
		}
	}
	return true;
}

bool ohc_index_table_put(struct ohc_index_table *t, const char *tag, const struct ohc_descriptor *d)
{
	size_t at = 0;
	bool there = ohc_map_get(t->tags, tag, &at);
	bool changed = there && settle(t, tag, at);
	json_t *entry;

	if (there && strcmp(digest_of(json_array_get(t->manifests, at)), d->digest) == 0)
		return changed;
	if (tag_bare(t, tag, d->digest)) {
		if (there)
			remove_at(t, at);
		return true;
	}
	entry = ohc_descriptor_json(d);
	set_tag(entry, tag);
	if (there) {
		json_array_set_new(t->manifests, at, entry);
	} else {
		json_array_append_new(t->manifests, entry);
		ohc_map_put(t->tags, tag, json_array_size(t->manifests) - 1);
	}
	return true;
}
