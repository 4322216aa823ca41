// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/memo.h"

#include <stdio.h>
#include <string.h>

#include "compose/layers/places.h"
#include "core/alloc.h"
#include "oci/documents/json.h"

#define NAMESPACE "payloads"
/* Part of the key: changes with the entries and with the rules by which layers are written. */
#define VERSION   3
#define ENTRY_MAX (64 * 1024)

char *ohc_memo_key(const struct ohc_making_rules *rules, const char *what)
{
	ohc_cleanup(ohc_freep) char *codec = ohc_codec_text(&rules->codec);

	return ohc_xasprintf("%d %s %u:%u %d:%lld %s", VERSION, what, rules->uid, rules->gid,
			     (int)rules->mtime, (long long)rules->time, codec);
}

/* The member that an object has in a note. */
static char *places_in(const json_t *array)
{
	struct ohc_buf b = OHC_BUF_INIT;
	json_t *place;
	size_t i;

	json_array_foreach (array, i, place)
		if (json_is_string(place))
			ohc_buf_addf(&b, "%s\n", json_string_value(place));
	return ohc_buf_detach(&b);
}

/* A JSON object of what the layer is.  Its places are a member of it in a note; in the cache they
 * are lines behind it, because these change with each image and are read as often. */
static int parse(const char *text, struct ohc_memo_layer *ret)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const char *line = text + strcspn(text, "\n"), *diff_id = "";
	json_t *places = NULL;
	int rc = ohc_json_parse(text, (size_t)(line - text), "", &doc, NULL);

	if (rc == 0)
		rc = ohc_descriptor_parse(doc, "", &ret->d, NULL);
	if (rc == 0)
		rc = ohc_json_string(doc, "diffId", "", &diff_id, NULL);
	if (rc == 0)
		rc = *diff_id ? ohc_digest_check(diff_id, "", NULL) : 0;
	if (rc == 0)
		rc = ohc_json_array(doc, "places", "", &places, NULL);
	if (rc < 0)
		return rc;
	snprintf(ret->diff_id, sizeof(ret->diff_id), "%s", diff_id);
	ret->seen = *line ? ohc_xstrdup(line + 1) : places_in(places);
	return 0;
}

void ohc_memo_look(struct ohc_memo *memo, struct ohc_cache *cache, const char *key)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;

	memo->cache = cache;
	memo->key = cache ? ohc_xstrdup(key) : NULL;
	if (!memo->key || !ohc_cache_get(cache, NAMESPACE, memo->key, ENTRY_MAX, &bytes))
		return;
	memo->text = ohc_buf_detach(&bytes);
	memo->found = parse(memo->text, &memo->known) == 0;
}

void ohc_memo_look_made(struct ohc_memo *memo, const struct ohc_making_rules *rules,
			const char *key)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_memo_layer noted = { .seen = NULL };

	ohc_memo_look(memo, rules->cache, key);
	if (!rules->notes || !key)
		return;
	memo->notes = rules->notes;
	if (!memo->key)
		memo->key = ohc_xstrdup(key);
	text = rules->notes->find(rules->notes->ctx, key);
	memo->is_noted = text && parse(text, &noted) == 0;
	memo->noted = noted.seen;
	if (!memo->is_noted || memo->found)
		return;
	memo->found = true;
	memo->known = noted;
	memo->known.seen = noted.seen ? ohc_xstrdup(noted.seen) : NULL;
}

static bool is_noted_near(const struct ohc_memo *memo, const char *repo)
{
	const size_t host = strcspn(repo, "/") + 1;

	for (const char *p = memo->noted; p && *p; p = ohc_places_next(p))
		if (strncmp(p, repo, host) == 0)
			return true;
	return false;
}

/* One repository of each registry is enough: the layer can be mounted from there. */
static bool is_to_note(const struct ohc_memo *memo, const char *repo)
{
	return memo->notes && (!memo->is_noted || (repo && !is_noted_near(memo, repo)));
}

static void keep_in_cache(const struct ohc_memo *memo, const json_t *doc, const char *places)
{
	ohc_cleanup(ohc_freep) char *object = ohc_json_text(doc);
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf("%s\n%s", object, places);

	if (!memo->text || strcmp(text, memo->text) != 0)
		ohc_cache_put_soon(memo->cache, NAMESPACE, memo->key, text, strlen(text));
}

static void note(const struct ohc_memo *memo, json_t *doc, const char *places)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	json_t *list = json_array();

	for (const char *p = places; *p; p = ohc_places_next(p))
		json_array_append_new(list, json_stringn(p, ohc_places_length(p)));
	json_object_set_new(doc, "places", list);
	text = ohc_json_text(doc);
	memo->notes->note(memo->notes->ctx, memo->key, text);
}

void ohc_memo_keep(struct ohc_memo *memo, const struct ohc_descriptor *d, const char *diff_id,
		   const char *repo)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *places = NULL;

	if (!memo->key)
		return;
	places = ohc_places_with(memo->known.seen, repo);
	doc = ohc_descriptor_json(d);
	if (diff_id)
		json_object_set_new(doc, "diffId", json_string(diff_id));
	keep_in_cache(memo, doc, places);
	if (is_to_note(memo, repo))
		note(memo, doc, places);
}

void ohc_memo_clear(struct ohc_memo *memo)
{
	free(memo->key);
	free(memo->text);
	free(memo->known.seen);
	free(memo->noted);
	memset(memo, 0, sizeof(*memo));
}
