// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"
#include "oci/documents/name.h"
#include "registry/fault.h"
#include "registry/repo.h"
#include "registry/retry.h"
#include "registry/url.h"

/*
 * The tags of a repository (distribution-spec 1.1, "Listing Tags"), page by page, and all of them:
 * a list that is cut off is an error.  A thousand tags a page are asked for, and fewer where a
 * registry refuses that number (distribution 3.1 does from `maxtags` on).  The next page is where
 * the Link says; after a full page without one the tags behind its last are asked for, because some
 * registries give no Link.
 */
#define PAGES_MAX 10000
#define TAGS_MAX  500000
#define BYTES_MAX (256u << 20)

/* A list counts as endless after so many pages in a row without a new tag. */
#define BARREN_MAX 8

struct tags_list {
	struct ohc_repo *repo;
	struct ohc_repo_location *p;
	char *what;   /* "the list of tags of 'host/repo'" */
	json_t *seen; /* an object whose keys are the tags: a set, so that a tag counts once */
	size_t bytes;
	unsigned int n;      /* tags a page, as they are asked for; 0: as many as it likes */
	bool guessed;        /* no Link named this page */
	char *url;           /* of the next page */
	struct ohc_buf last; /* the last tag of the last page */
	size_t on_page;      /* tags on it */
	unsigned int barren;
};

static void list_clear(struct tags_list *l)
{
	ohc_json_decref(&l->seen);
	ohc_buf_clear(&l->last);
	free(l->what);
	free(l->url);
}

static int add_tag(struct tags_list *l, const json_t *tag, size_t i, struct ohc_error *err)
{
	const char *name = json_string_value(tag);

	if (!name || ohc_name_tag_check(name, NULL) < 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has an entry that is no tag at index %zu", l->what, i);
	if (json_object_size(l->seen) >= TAGS_MAX && !json_object_get(l->seen, name))
		return ohc_error_set(err, OHC_E_FORMAT, "%s has more than %d entries", l->what,
				     TAGS_MAX);
	json_object_set_new(l->seen, name, json_true());
	ohc_buf_truncate(&l->last, 0);
	ohc_buf_adds(&l->last, name);
	return 0;
}

static int add_page(struct tags_list *l, const struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *list = NULL, *tag;
	size_t i;
	int rc = ohc_json_parse(ohc_buf_str(&re->body), re->body.len, l->what, &doc, err);

	l->bytes += re->body.len;
	if (rc == 0 && l->bytes > BYTES_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has more than %u bytes", l->what,
				     BYTES_MAX);
	if (rc == 0)
		rc = ohc_json_array(doc, "tags", l->what, &list, err);
	l->on_page = json_array_size(list);
	json_array_foreach (list, i, tag)
		if (rc == 0)
			rc = add_tag(l, tag, i, err);
	return rc;
}

static int ask(struct tags_list *l, struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	int rc;

	ohc_repo_request(l->repo, l->p, &rq, "GET", l->url, "pull");
	rq.max_reply = OHC_DOCUMENT_MAX;
	rc = ohc_request_run(&l->repo->r->wire, &rq, re, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "cannot list the tags of '%s'", l->repo->name) : 0;
}

/* Makes the URL of a page, with n and last as they are. */
static int make_url(struct tags_list *l, struct ohc_error *err)
{
	char number[16];
	char *longer;
	int rc;

	free(ohc_take(l->url));
	rc = ohc_repo_url(l->repo, l->p, &l->url, err, "tags/list");
	if (rc < 0)
		return rc;
	snprintf(number, sizeof(number), "%u", l->n);
	if (l->n) {
		longer = ohc_url_add_query(l->url, "n", number);
		free(l->url);
		l->url = longer;
	}
	if (l->last.len) {
		longer = ohc_url_add_query(l->url, "last", l->last.data);
		free(l->url);
		l->url = longer;
	}
	return 0;
}

/* Gets the first page, of a size that the registry accepts. */
static int first_page(struct tags_list *l, struct ohc_reply *re, struct ohc_error *err)
{
	static const unsigned int sizes[] = { 1000, 100, 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(sizes); i++) {
		ohc_request_reply_clear(re);
		l->n = sizes[i];
		rc = make_url(l, err);
		if (rc == 0)
			rc = ask(l, re, err);
		if (rc == 0 && !ohc_retry_is_about_request(re->status))
			break;
	}
	return rc;
}

/* Finds the next page: by the reply's Link, or after a full page without one by its last tag. */
static int follow(struct tags_list *l, const struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *next = NULL;
	int rc = ohc_repo_next_page(re, l->url, &next, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot list the tags of '%s'", l->repo->name);
	l->guessed = !next && l->n && l->on_page >= l->n;
	if (l->guessed)
		return make_url(l, err);
	free(l->url);
	l->url = ohc_take(next);
	return 0;
}

static int take_page(struct tags_list *l, const struct ohc_reply *re, struct ohc_error *err)
{
	size_t before = json_object_size(l->seen);
	bool guessed = l->guessed;
	int rc;

	if (re->status == 404)
		return ohc_fault_reply_error(re, err, "there is no repository '%s'", l->repo->name);
	if (re->status != 200)
		return ohc_repo_error(l->p, re, err, "list the tags of '%s'", l->repo->name);
	rc = add_page(l, re, err);
	if (rc < 0)
		return rc;
	l->barren = json_object_size(l->seen) > before ? 0 : l->barren + 1;
	if (!guessed || l->barren == 0)
		return follow(l, re, err);
	free(ohc_take(l->url)); /* the guessed page is not there: the list ended before it */
	return 0;
}

static int get_page(struct tags_list *l, unsigned int page, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int rc;

	if (page == PAGES_MAX || l->barren == BARREN_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s does not end: gave up after %u pages",
				     l->what, page);
	rc = page ? ask(l, &re, err) : first_page(l, &re, err);
	return rc < 0 ? rc : take_page(l, &re, err);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ohc_repo_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	ohc_cleanup(list_clear) struct tags_list l = {
		.repo = repo,
		.p = ohc_repo_last(repo),
		.what = ohc_xasprintf("the list of tags of '%s'", repo->name),
		.seen = json_object(),
	};
	size_t before = ret->n;
	unsigned int page = 0;
	json_t *value;
	const char *tag;
	int rc;

	do
		rc = get_page(&l, page++, err);
	while (rc == 0 && l.url);
	if (rc < 0)
		return rc;
	json_object_foreach (l.seen, tag, value)
		ohc_strv_add(ret, tag);
	if (ret->n > before)
		qsort(ret->v + before, ret->n - before, sizeof(*ret->v), by_text);
	return 0;
}
