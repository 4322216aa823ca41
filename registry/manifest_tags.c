// SPDX-License-Identifier: Apache-2.0
/*
 * One manifest under several tags.  The distribution-spec's main branch ("Pushing Manifests") has
 * them in one request: PUT manifests/DIGEST?tag=A&tag=B, and the answer's OCI-Tag names those that
 * are there now.  Most registries do not know that, and ignore the query.
 *
 * Which kind a host is shows without a request of its own: the first tag is put by its name, with
 * the others in the query.  Who ignores them has put the first; who knows them refuses that, as
 * tags in the query are for a manifest that is put by digest, and gets it so.  What came of it is
 * kept with the host, but only an answer that says so makes it one that takes no tags: a success
 * that names none of them, or a refusal of the request where each tag by itself is taken.  A tag
 * that OCI-Tag does not name is put by itself, and what is wrong with it shows then: nothing before
 * that is an error.
 */
#include <string.h>

#include "core/alloc.h"
#include "registry/referrers.h"
#include "registry/repo.h"
#include "registry/retry.h"
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

enum outcome {
	OPEN,    /* it was not put, for a reason that may pass or is about something else */
	REFUSED, /* … because of how it was asked for */
	IGNORED, /* it was put, without the tags of the query */
	NAMED,   /* with some of them */
};

static enum outcome outcome_of(struct tags_put *t, const struct ohc_reply *re, size_t first)
{
	enum outcome o = IGNORED;
	bool seen;

	if (ohc_repo_lacks_blob(t->repo, re, &seen))
		return OPEN;
	if (re->status != 201)
		return ohc_retry_is_about_request(re->status) ? REFUSED : OPEN;
	for (size_t i = first; i < t->n; i++)
		if (!t->there[i] && is_named(re, t->tags[i])) {
			t->there[i] = true;
			o = NAMED;
		}
	return o;
}

static int put_with(struct tags_put *t, const char *ref, size_t first, enum outcome *ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = make_url(t, ref, first, &url, err);

	*ret = OPEN;
	if (rc < 0)
		return rc;
	ohc_repo_put_request(t->repo, &rq, url, t->doc);
	rq.once = rq.tentative = true;
	rc = ohc_request_run(&t->repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return rc == -OHC_E_INTERRUPTED ? rc : 0;
	*ret = outcome_of(t, &re, first);
	return *ret >= IGNORED ? tell_subject(t, &re, err) : 0;
}

static bool is_left(const struct tags_put *t)
{
	return memchr(t->there, false, t->n) != NULL;
}

/* *ret: what came of the last of them. */
static int put_by_query(struct tags_put *t, enum outcome *ret, struct ohc_error *err)
{
	struct ohc_endpoint *e = ohc_repo_origin(t->repo)->e;
	int rc = 0;

	*ret = REFUSED;
	if (!(e->taken & OHC_NO_TAGS)) {
		rc = put_with(t, t->tags[0], 1, ret, err);
		t->there[0] = *ret >= IGNORED;
	}
	if (rc < 0 || *ret == OPEN || *ret == IGNORED)
		return rc;
	do {
		if (*ret == NAMED)
			e->taken |= OHC_NO_TAGS;
		if (!is_left(t))
			return 0;
		rc = put_with(t, t->doc->d.digest, 0, ret, err);
	} while (rc == 0 && *ret == NAMED);
	return rc;
}

/* *ret_taken: it was put now, and not there before. */
static int put_one(struct tags_put *t, size_t i, bool *ret_taken, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int rc = ohc_repo_put_at_origin(t->repo, t->tags[i], t->doc, &re, err);

	*ret_taken = rc == 0 && !re.settled;
	return rc < 0 ? rc : tell_subject(t, &re, err);
}

int ohc_repo_put_tagged(struct ohc_store *s, const char *const *tags, size_t n,
			const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) bool *there = ohc_xcalloc(n, sizeof(*there));
	struct tags_put t = { ohc_repo_of(s), doc, tags, n, there, false };
	struct ohc_endpoint *e = ohc_repo_origin(t.repo)->e;
	enum outcome o = OPEN;
	bool all = true, taken;
	int rc = e->refused & OHC_NO_TAGS ? 0 : put_by_query(&t, &o, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (there[i])
			continue;
		rc = put_one(&t, i, &taken, err);
		all = all && taken;
	}
	if (rc == 0 && !(e->taken & OHC_NO_TAGS) && (o == IGNORED || (o == REFUSED && all)))
		e->refused |= OHC_NO_TAGS;
	return rc;
}
