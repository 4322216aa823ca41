// SPDX-License-Identifier: Apache-2.0
/*
 * One manifest under several tags.  The distribution-spec's main branch ("Pushing Manifests") has
 * them in one request: PUT manifests/DIGEST?tag=A&tag=B, and the answer's OCI-Tag names those that
 * are there now.  Most registries do not know that, and ignore the query.
 *
 * Which kind a host is shows without a request of its own: the first tag is put by its name, with
 * the others in the query.  Who ignores them has put the first; who knows them refuses that, as
 * tags in the query are for a manifest that is put by digest, and gets it so.  What came of it is
 * kept with the host.  A tag that OCI-Tag does not name is put by itself, and what is wrong with
 * it shows then: nothing before that is an error.
 */
#include <string.h>

#include "core/alloc.h"
#include "registry/referrers.h"
#include "registry/repo.h"
#include "registry/url.h"

#define TAGS_A_REQUEST 10 /* as many should be taken, says the specification */

struct tags_put {
	struct ohc_repo *repo;
	const struct ohc_document *doc;
	const char *const *tags;
	size_t n;
	bool *there; /* by tag */
	bool told;   /* its subject, of it */
};

/* Is tag one of a list like "A, B"? */
static bool lists(const char *list, const char *tag)
{
	size_t len = strlen(tag), word;

	for (list += strspn(list, ", \t"); *list; list += strspn(list, ", \t")) {
		word = strcspn(list, ", \t");
		if (word == len && strncmp(list, tag, len) == 0)
			return true;
		list += word;
	}
	return false;
}

static bool is_named(const struct ohc_reply *re, const char *tag)
{
	const char *value;
	size_t at = 0;

	while ((value = ohc_http_header_next(re->x, "OCI-Tag", &at)))
		if (lists(value, tag))
			return true;
	return false;
}

static int tell_subject(struct tags_put *t, const struct ohc_reply *re, struct ohc_error *err)
{
	int rc = t->told ? 0 : ohc_referrers_update(t->repo, t->doc, re, err);

	t->told = true;
	return rc;
}

/* PUT manifests/REF?tag=…, with those tags from `first` on that are not there. */
static int make_url(struct tags_put *t, const char *ref, size_t first, char **ret,
		    struct ohc_error *err)
{
	int rc = ohc_repo_url(t->repo, ohc_repo_origin(t->repo), ret, err, "manifests/%s", ref);
	size_t added = 0;

	for (size_t i = first; rc == 0 && i < t->n && added < TAGS_A_REQUEST; i++) {
		ohc_cleanup(ohc_freep) char *shorter = NULL;

		if (t->there[i])
			continue;
		shorter = *ret;
		*ret = ohc_url_add_query(shorter, "tag", t->tags[i]);
		added++;
	}
	return rc;
}

/* *ret_done: it was put; *ret_named: with so many of the tags in the query. */
static int put_with(struct tags_put *t, const char *ref, size_t first, bool *ret_done,
		    size_t *ret_named, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = make_url(t, ref, first, &url, err);

	*ret_done = false;
	*ret_named = 0;
	if (rc < 0)
		return rc;
	ohc_repo_put_request(t->repo, &rq, url, t->doc);
	rq.once = rq.tentative = true;
	rc = ohc_request_run(&t->repo->r->wire, &rq, &re, err);
	if (rc < 0 || re.status != 201)
		return rc == -OHC_E_INTERRUPTED ? rc : 0;
	*ret_done = true;
	for (size_t i = first; i < t->n; i++)
		if (!t->there[i] && is_named(&re, t->tags[i])) {
			t->there[i] = true;
			++*ret_named;
		}
	return tell_subject(t, &re, err);
}

static bool is_left(const struct tags_put *t)
{
	return memchr(t->there, false, t->n) != NULL;
}

static int put_by_query(struct tags_put *t, struct ohc_error *err)
{
	struct ohc_endpoint *e = ohc_repo_origin(t->repo)->e;
	bool done = false;
	size_t named = 0;
	int rc = 0;

	if (!(e->taken & OHC_NO_TAGS)) {
		rc = put_with(t, t->tags[0], 1, &done, &named, err);
		t->there[0] = done;
	}
	if (rc == 0 && done && named == 0) /* it ignores the query */
		return 0;
	do {
		if (named > 0)
			e->taken |= OHC_NO_TAGS;
		if (!is_left(t))
			return 0;
		rc = put_with(t, t->doc->d.digest, 0, &done, &named, err);
	} while (rc == 0 && named > 0);
	return rc;
}

static int put_one(struct tags_put *t, size_t i, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int rc = ohc_repo_put_at_origin(t->repo, t->tags[i], t->doc, &re, err);

	return rc < 0 ? rc : tell_subject(t, &re, err);
}

int ohc_repo_put_tagged(struct ohc_store *s, const char *const *tags, size_t n,
			const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) bool *there = ohc_xcalloc(n, sizeof(*there));
	struct tags_put t = { ohc_repo_of(s), doc, tags, n, there, false };
	struct ohc_endpoint *e = ohc_repo_origin(t.repo)->e;
	int rc = e->refused & OHC_NO_TAGS ? 0 : put_by_query(&t, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (there[i])
			continue;
		rc = put_one(&t, i, err);
		if (rc == 0 && !(e->taken & OHC_NO_TAGS))
			e->refused |= OHC_NO_TAGS;
	}
	return rc;
}
