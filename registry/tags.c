// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"
#include "oci/documents/name.h"
#include "registry/fault.h"
#include "registry/repo.h"

/* A hundred tags a page is what some registries give at most. */
#define PAGES_MAX 10000
#define TAGS_MAX  500000
#define PAGE_SIZE "1000"

/* Pages in a row without a tag that was not there before, until a list counts as endless. */
#define BARREN_MAX 8

/* seen is an object whose keys are the tags: a set, so that a tag counts once. */
static int add_page(struct ohc_repo *repo, const struct ohc_reply *re, json_t *seen,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("the list of tags of '%s'", repo->name);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *list = NULL, *tag;
	size_t i;
	int rc = ohc_json_parse(ohc_buf_str(&re->body), re->body.len, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_array(doc, "tags", what, &list, err);
	if (rc < 0)
		return rc;
	json_array_foreach (list, i, tag) {
		const char *name = json_string_value(tag);

		if (!name || ohc_name_tag_check(name, NULL) < 0)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "%s has an entry that is no tag at place %zu", what,
					     i);
		if (json_object_size(seen) >= TAGS_MAX)
			return ohc_error_set(err, OHC_E_FORMAT, "%s has more than %d entries", what,
					     TAGS_MAX);
		json_object_set_new(seen, name, json_true());
	}
	return 0;
}

static int get_page(struct ohc_repo *repo, struct ohc_repo_place *p, char **url, json_t *seen,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *next = NULL;
	int rc;

	ohc_repo_request(repo, p, &rq, "GET", *url, "pull");
	rq.max_reply = OHC_DOCUMENT_MAX;
	rc = ohc_request_run(&repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot list the tags of '%s'", repo->name);
	if (re.status == 404)
		return ohc_fault_reply_error(&re, err, "there is no repository '%s'", repo->name);
	if (re.status != 200)
		return ohc_repo_error(p, &re, err, "list the tags of '%s'", repo->name);
	rc = add_page(repo, &re, seen, err);
	if (rc == 0)
		rc = ohc_repo_next_page(&re, *url, &next, err);
	if (rc < 0)
		return rc;
	free(*url);
	*url = ohc_take(next);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ohc_repo_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_repo_place *p = ohc_repo_last(repo);
	ohc_cleanup(ohc_json_decref) json_t *seen = json_object();
	ohc_cleanup(ohc_freep) char *url = NULL;
	unsigned int barren = 0;
	size_t before = ret->n, n;
	json_t *value;
	const char *tag;
	int rc = ohc_repo_url(repo, p, &url, err, "tags/list?n=" PAGE_SIZE);

	for (int page = 0; rc == 0 && url; page++) {
		if (page == PAGES_MAX || barren == BARREN_MAX)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "the list of tags of '%s' does not end: gave up after "
					     "%d pages",
					     repo->name, page);
		n = json_object_size(seen);
		rc = get_page(repo, p, &url, seen, err);
		barren = json_object_size(seen) > n ? 0 : barren + 1;
	}
	if (rc < 0)
		return rc;
	json_object_foreach (seen, tag, value)
		ohc_strv_add(ret, tag);
	if (ret->n > before)
		qsort(ret->v + before, ret->n - before, sizeof(*ret->v), by_text);
	return 0;
}
