// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/memo.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"

#define NAMESPACE "payloads"
/* Part of the key: changes with the entries and with the rules by which layers are written. */
#define VERSION   3
#define ENTRY_MAX (64 * 1024)
#define REPOS_MAX 64

char *ohc_memo_key(const struct ohc_making_rules *rules, const char *what)
{
	ohc_cleanup(ohc_freep) char *codec = ohc_codec_text(&rules->codec);

	return ohc_xasprintf("%d %s %u:%u %d:%lld %s", VERSION, what, rules->uid, rules->gid,
			     (int)rules->mtime, (long long)rules->time, codec);
}

static int parse(const char *text, size_t n, struct ohc_memo_layer *ret)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *repos = NULL, *repo;
	const char *diff_id = "";
	size_t i;
	int rc = ohc_json_parse(text, n, "", &doc, NULL);

	if (rc == 0)
		rc = ohc_descriptor_parse(doc, "", &ret->d, NULL);
	if (rc == 0)
		rc = ohc_json_string(doc, "diffId", "", &diff_id, NULL);
	if (rc == 0)
		rc = *diff_id ? ohc_digest_check(diff_id, "", NULL) : 0;
	if (rc == 0)
		rc = ohc_json_array(doc, "places", "", &repos, NULL);
	if (rc < 0)
		return rc;
	snprintf(ret->diff_id, sizeof(ret->diff_id), "%s", diff_id);
	json_array_foreach (repos, i, repo)
		if (json_is_string(repo))
			ohc_strv_add(&ret->seen, json_string_value(repo));
	return 0;
}

void ohc_memo_look(struct ohc_memo *memo, struct ohc_cache *cache, const char *key)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;

	memo->cache = cache;
	memo->key = cache ? ohc_xstrdup(key) : NULL;
	if (!memo->key || !ohc_cache_get(cache, NAMESPACE, memo->key, ENTRY_MAX, &bytes))
		return;
	memo->found = parse(bytes.data, bytes.len, &memo->known) == 0;
	memo->text = ohc_xstrdup(ohc_buf_str(&bytes));
}

void ohc_memo_look_made(struct ohc_memo *memo, const struct ohc_making_rules *rules,
			const char *key)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_memo_layer noted = { .seen = OHC_STRV_INIT };

	ohc_memo_look(memo, rules->cache, key);
	if (!rules->notes || !key)
		return;
	memo->notes = rules->notes;
	if (!memo->key)
		memo->key = ohc_xstrdup(key);
	text = rules->notes->find(rules->notes->ctx, key);
	memo->is_noted = text && parse(text, strlen(text), &noted) == 0;
	for (size_t i = 0; i < noted.seen.n; i++)
		ohc_strv_add(&memo->noted, noted.seen.v[i]);
	if (memo->is_noted && !memo->found) {
		memo->found = true;
		memo->known = noted;
	} else {
		ohc_strv_clear(&noted.seen);
	}
}

static bool is_noted_near(const struct ohc_memo *memo, const char *repo)
{
	const size_t host = strcspn(repo, "/") + 1;

	for (size_t i = 0; i < memo->noted.n; i++)
		if (strncmp(memo->noted.v[i], repo, host) == 0)
			return true;
	return false;
}

/* One repository of each registry is enough: the layer can be mounted from there. */
static void note(const struct ohc_memo *memo, const char *repo, const char *text)
{
	if (memo->notes && (!memo->is_noted || (repo && !is_noted_near(memo, repo))))
		memo->notes->note(memo->notes->ctx, memo->key, text);
}

void ohc_memo_keep(struct ohc_memo *memo, const struct ohc_descriptor *d, const char *diff_id,
		   const char *repo)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	json_t *repos = json_array();

	if (repo)
		json_array_append_new(repos, json_string(repo));
	for (size_t i = 0; i < memo->known.seen.n && json_array_size(repos) < REPOS_MAX; i++)
		if (!repo || strcmp(memo->known.seen.v[i], repo) != 0)
			json_array_append_new(repos, json_string(memo->known.seen.v[i]));
	doc = ohc_descriptor_json(d);
	if (diff_id)
		json_object_set_new(doc, "diffId", json_string(diff_id));
	json_object_set_new(doc, "places", repos);
	text = ohc_json_text(doc);
	if (!memo->key)
		return;
	if (!memo->text || strcmp(text, memo->text) != 0)
		ohc_cache_put_soon(memo->cache, NAMESPACE, memo->key, text, strlen(text));
	note(memo, repo, text);
}

void ohc_memo_clear(struct ohc_memo *memo)
{
	free(memo->key);
	free(memo->text);
	ohc_strv_clear(&memo->known.seen);
	ohc_strv_clear(&memo->noted);
	memset(memo, 0, sizeof(*memo));
}
