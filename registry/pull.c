// SPDX-License-Identifier: Apache-2.0
/*
 * Reads blobs from a registry.  After a broken connection the transfer goes on where it broke, with
 * a Range (RFC 9110, 14.2) from the registry's own URL, because what it redirects to may be good
 * for one request only; a server that knows no ranges sends everything, and the bytes that we have
 * are skipped.  Progress renews the budget of tries, so a long transfer survives many breaks.
 */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/fault.h"
#include "registry/repo.h"
#include "registry/retry.h"

#define PROGRESS (64 * 1024) /* bytes that count as progress */

struct pull {
	struct ohc_source source;
	struct ohc_repo *repo;
	size_t index; /* of the location that is asked */
	struct ohc_repo_location *location;
	struct ohc_descriptor d;
	char *url;
	struct ohc_reply re;
	uint64_t offset; /* of the next byte to give */
	uint64_t mark;   /* where the last break was */
	bool whole;      /* the location refused a range */
	struct ohc_budget budget;
};

static int check_size(struct pull *p, struct ohc_error *err)
{
	const char *length = ohc_request_reply_header(&p->re, "Content-Length");
	uint64_t n;

	if (!length || sscanf(length, "%" SCNu64, &n) != 1)
		return 0;
	if (p->re.status == 206 && n <= (uint64_t)p->d.size - p->offset)
		return 0; /* fewer are a part of it: the rest is asked for afterwards */
	if (p->re.status == 206)
		n += p->offset;
	if (n == (uint64_t)p->d.size)
		return 0;
	return ohc_error_set(err, OHC_E_DIGEST,
			     "registry '%s' sends %" PRIu64 " bytes for blob %s of '%s', where "
			     "%lld were promised",
			     p->location->e->name, n, p->d.digest, p->repo->name,
			     (long long)p->d.size);
}

/* A server that knows no ranges sends from the beginning: reads and drops what we have already. */
static int skip(struct pull *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *buf = ohc_xmalloc(PROGRESS);
	uint64_t left = p->offset;

	while (left > 0) {
		ssize_t n =
			ohc_http_read(p->re.x, buf, left < PROGRESS ? (size_t)left : PROGRESS, err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return ohc_error_set(err, OHC_E_NETWORK,
					     "blob %s of '%s' ended before byte %" PRIu64,
					     p->d.digest, p->repo->name, p->offset);
		left -= (uint64_t)n;
	}
	return 0;
}

/* "bytes 1000-2999/3000"; the whole's size may be a '*'. */
static int check_range(struct pull *p, struct ohc_error *err)
{
	const char *range = ohc_request_reply_header(&p->re, "Content-Range");
	uint64_t from = 0, to, of;
	int n = range ? sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &from, &to, &of)
		      : 0;

	if (n < 1 || from != p->offset)
		return ohc_error_set(
			err, OHC_E_NETWORK,
			"registry '%s' sends another part of blob %s than was asked for",
			p->location->e->name, p->d.digest);
	if (n == 3 && of != (uint64_t)p->d.size)
		return ohc_error_set(
			err, OHC_E_DIGEST,
			"registry '%s' has %" PRIu64 " bytes of blob %s of '%s', where "
			"%lld were promised",
			p->location->e->name, of, p->d.digest, p->repo->name, (long long)p->d.size);
	return 0;
}

/* Makes one GET, of the rest where something is there already. */
static int ask(struct pull *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	int rc;

	ohc_repo_request(p->repo, p->location, &rq, "GET", p->url, "pull");
	rq.stream = true;
	rq.budget = &p->budget;
	if (p->offset && !p->whole)
		ohc_strv_take(&rq.headers, ohc_xasprintf("Range: bytes=%" PRIu64 "-%lld", p->offset,
							 (long long)p->d.size - 1));
	rc = ohc_request_run(&p->repo->r->wire, &rq, &p->re, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "cannot get blob %s of '%s'", p->d.digest,
				       p->repo->name)
		      : 0;
}

static int open_at(struct pull *p, struct ohc_error *err)
{
	int rc = ask(p, err);

	if (rc == 0 && p->offset && !p->whole && ohc_retry_is_about_request(p->re.status)) {
		p->whole = true;
		rc = ask(p, err);
	}
	if (rc < 0)
		return rc;
	if (p->re.status == 404)
		return ohc_fault_reply_error(&p->re, err, "there is no blob %s in '%s'",
					     p->d.digest, p->repo->name);
	if (p->re.status != 200 && !(p->re.status == 206 && p->offset))
		return ohc_repo_error(p->location, &p->re, err, "get blob %s of '%s'", p->d.digest,
				      p->repo->name);
	rc = p->re.status == 206 ? check_range(p, err) : 0;
	if (rc == 0)
		rc = check_size(p, err);
	if (rc == 0 && p->re.status == 200 && p->offset)
		rc = skip(p, err);
	return rc;
}

/* Opens the blob at the offset, at the current location or the first after it that gives it. */
static int open_somewhere(struct pull *p, struct ohc_error *err)
{
	struct ohc_repo *repo = p->repo;
	int rc = 0;

	for (; p->index < repo->n_locations; p->index++) {
		p->location = &repo->locations[p->index];
		p->whole = false;
		if (!p->location->by_digest)
			continue;
		free(ohc_take(p->url));
		rc = ohc_repo_url(repo, p->location, &p->url, err, "blobs/%s", p->d.digest);
		if (rc == 0)
			rc = open_at(p, err);
		if (rc == 0 || rc == -OHC_E_INTERRUPTED)
			return rc;
		if (p->index + 1 < repo->n_locations)
			ohc_repo_left(repo, p->location, err);
	}
	return rc;
}

/* Goes on at the next location, because this one gives nothing more. */
static int next_location(struct pull *p, int rc, struct ohc_error *err)
{
	if (rc == -OHC_E_INTERRUPTED || p->index + 1 >= p->repo->n_locations)
		return rc;
	ohc_repo_left(p->repo, p->location, err);
	p->index++;
	p->budget = (struct ohc_budget){ 0 };
	return open_somewhere(p, err);
}

/* After a break: waits, then goes on at the offset.  err holds the break's own error. */
static int resume(struct pull *p, int rc, enum ohc_http_fault fault, struct ohc_error *err)
{
	int more;

	do {
		ohc_cleanup(ohc_freep) char *what = NULL;

		if (fault != OHC_HTTP_BROKEN && fault != OHC_HTTP_STALLED)
			return next_location(p, rc, err);
		if (p->offset >= p->mark + PROGRESS)
			p->budget = (struct ohc_budget){ 0 };
		p->mark = p->offset;
		what = ohc_xasprintf("blob %.19s of '%s': %s", p->d.digest, p->repo->name,
				     err->msg);
		more = ohc_request_budget_wait(&p->repo->r->wire, &p->budget, fault, what, err);
		if (more <= 0)
			return more < 0 ? more : next_location(p, rc, err);
		rc = open_at(p, err);
		fault = p->re.x ? ohc_http_fault(p->re.x) : OHC_HTTP_LOCAL;
	} while (rc < 0);
	return 0;
}

static ssize_t pull_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct pull *p = (struct pull *)src;
	struct ohc_error mine = OHC_ERROR_INIT, *e = err ? err : &mine;
	int rc;

	for (;;) {
		enum ohc_http_fault fault = OHC_HTTP_BROKEN;
		ssize_t got = 0;

		if (p->re.x)
			got = ohc_http_read(p->re.x, buf, n, e);
		if (got > 0) {
			p->offset += (uint64_t)got;
			return got;
		}
		if (got == 0 && p->re.x && p->offset >= (uint64_t)p->d.size)
			return 0;
		if (got < 0) {
			rc = (int)got;
			fault = ohc_http_fault(p->re.x);
		} else if (p->re.x) {
			rc = ohc_error_set(e, OHC_E_NETWORK,
					   "blob %s of '%s' ended at byte %" PRIu64 " of %lld",
					   p->d.digest, p->repo->name, p->offset,
					   (long long)p->d.size);
		} else if (p->offset == (uint64_t)p->d.size) {
			return 0;
		} else { /* after a seek */
			rc = open_somewhere(p, e);
			if (rc == 0)
				continue;
			return rc;
		}
		rc = resume(p, rc, fault, e);
		if (rc < 0)
			return rc;
	}
}

/* The next read asks for the rest.  An upload that must start over seeks. */
static int pull_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct pull *p = (struct pull *)src;

	if (offset > (uint64_t)p->d.size)
		return ohc_error_set(err, OHC_E_FAILED, "cannot go behind the blob's end");
	ohc_request_reply_clear(&p->re);
	p->offset = p->mark = offset;
	return 0;
}

static void pull_close(struct ohc_source *src)
{
	struct pull *p = (struct pull *)src;

	ohc_request_reply_clear(&p->re);
	free(p->url);
	free(p);
}

int ohc_repo_open_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_source **ret,
		       struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { pull_read, pull_seek, pull_close };
	struct ohc_error mine = OHC_ERROR_INIT;
	struct pull *p = ohc_xcalloc(1, sizeof(*p));
	int rc;

	p->source.ops = &ops;
	p->repo = ohc_repo_of(s);
	p->d = *d;
	rc = open_somewhere(p, err ? err : &mine);
	if (rc < 0) {
		pull_close(&p->source);
		return rc;
	}
	*ret = &p->source;
	return 0;
}
