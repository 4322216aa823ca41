// SPDX-License-Identifier: Apache-2.0
/*
 * Blobs into a registry.  The ways, best first:
 *
 *	whole	the digest is known:	POST, PUT ?digest= with the body
 *	stream	it is not yet:		POST, PATCH with a body of unknown length, PUT ?digest=
 *	chunks	the host asks for them (OCI-Chunk-Min-Length), or refuses large bodies (413):
 *		POST, PATCH…, PUT ?digest=
 *
 * When a body did not arrive, the session is asked for what it has, and the rest is sent; when it
 * is gone, everything, where the source can be read again.  What was sent last is kept in a window
 * (registry/window.h), so that a source that can be read once only survives a break too.  Progress
 * renews the budget of tries.  An upload that fails in the end is given up with a DELETE;
 * distribution takes that only from who knows how much it has, so a stream whose input fails is
 * ended in order first.  (A whole PUT that breaks off leaves a session there which only time
 * removes.)
 */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "registry/fault.h"
#include "registry/session.h"
#include "registry/url.h"
#include "registry/window.h"

#define WINDOW_ONCE  (16u << 20) /* for a source that can be read only once */
#define WINDOW_AGAIN (4u << 20)
#define CHUNK        (16u << 20)
#define CHUNK_LEAST  (256u * 1024)
#define PROGRESS     (64 * 1024)
#define BARREN_MAX   2 /* breaks without progress, until chunks are tried */
#define RENEWALS_MAX 3

struct push {
	struct ohc_repo *repo;
	struct ohc_repo_place *place;
	struct ohc_upload *up;
	struct ohc_window w;
	char *url;      /* the session's newest */
	uint64_t chunk; /* 0: no chunks */
	uint64_t mark;  /* what the session had at the last break */
	unsigned int barren;
	unsigned int renewals; /* tokens that were refused since the last progress */
	struct ohc_budget budget;
	bool done; /* a whole PUT needs no further one */
};

static void push_clear(struct push *p)
{
	ohc_window_clear(&p->w);
	free(p->url);
}

/* What the window says of its source must not be lost behind the network's own trouble. */
static bool is_final(int rc)
{
	return rc == -OHC_E_INTERRUPTED || rc == -OHC_E_DENIED || rc == -OHC_E_DIGEST;
}

/* A host's least chunk is obeyed where the memory for it is bounded: of a blob of known size any
 * chunk can be sent, of another one only what the window holds; beyond that everything is one. */
static void set_chunk(struct push *p, uint64_t min)
{
	uint64_t limit = atomic_load(&p->place->e->chunk);

	if (limit)
		p->chunk = limit;
	else if (min && min <= CHUNK)
		p->chunk = CHUNK;
	else if (min && p->up->known)
		p->chunk = min;
}

static int open_session(struct push *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	struct ohc_session *kept = p->up->known ? ohc_session_take(p->repo, p->up->d.digest) : NULL;
	int rc;

	free(ohc_take(p->url));
	if (kept) {
		p->url = ohc_take(kept->url);
		set_chunk(p, kept->chunk_min);
		ohc_session_free(kept);
		return 0;
	}
	rc = ohc_session_open(p->repo, "", NULL, &re, &p->url, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot upload to '%s'", p->repo->name);
	if (re.status == 405)
		return ohc_fault_reply_error(&re, err,
					     "registry '%s' does not allow pushing to '%s'",
					     p->place->e->name, p->repo->name);
	if (re.status != 202)
		return ohc_repo_error(p->place, &re, err, "upload to '%s'", p->repo->name);
	set_chunk(p, ohc_session_chunk_min(&re));
	return 0;
}

/* The session is gone: a new one, from the first byte on. */
static int start_over(struct push *p, struct ohc_error *err)
{
	int rc = ohc_window_go(&p->w, 0, err);

	if (rc == -OHC_E_UNSUPPORTED)
		return ohc_error_set(err, OHC_E_NETWORK,
				     "registry '%s' lost the upload to '%s', and its input can be "
				     "read only once",
				     p->place->e->name, p->repo->name);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return open_session(p, err);
}

static bool is_there(struct push *p, const char *digest)
{
	struct ohc_descriptor d = p->up->d;
	bool there = false;

	snprintf(d.digest, sizeof(d.digest), "%s", digest);
	return ohc_repo_has_blob(&p->repo->store, &d, &there, NULL) == 0 && there;
}

/* Asks the session how far it is, and goes there. */
static int take_up(struct push *p, struct ohc_error *err)
{
	struct ohc_error mine = OHC_ERROR_INIT;
	uint64_t offset = 0;
	int rc = ohc_session_offset(p->repo, &p->url, &offset, &mine);

	if (is_final(rc) || rc == -OHC_E_NETWORK)
		return ohc_error_copy(err, &mine, rc);
	/* A PUT whose answer was lost closes the session all the same. */
	if (rc < 0 && p->up->known && is_there(p, p->up->d.digest)) {
		p->done = true;
		return 0;
	}
	if (rc == 0 && offset > 0)
		rc = ohc_window_go(&p->w, offset, &mine);
	if (rc < 0 || offset == 0) {
		ohc_session_abort(p->repo, p->url);
		return start_over(p, err);
	}
	ohc_say(p->repo->r->o.report, OHC_VERBOSE, "upload to '%s' goes on at byte %" PRIu64,
		p->repo->name, offset);
	if (offset >= p->mark + PROGRESS) {
		p->budget = (struct ohc_budget){ 0 };
		p->barren = p->renewals = 0;
	}
	p->mark = offset;
	return 0;
}

static void content_range(struct ohc_request *rq, uint64_t from, uint64_t n)
{
	ohc_strv_take(&rq->headers,
		      ohc_xasprintf("Content-Range: %" PRIu64 "-%" PRIu64, from, from + n - 1));
}

/* One PUT for all of it. */
static bool is_whole(const struct push *p)
{
	return p->up->known && !p->chunk && p->w.at == 0;
}

/* How many bytes the next body has: -1 when that is not known, 0 when nothing is left. */
static int next_piece(struct push *p, int64_t *ret, struct ohc_error *err)
{
	uint64_t left = (uint64_t)p->up->d.size - p->w.at;
	ssize_t n;

	if (p->up->known) {
		*ret = (int64_t)(p->chunk && p->chunk < left ? p->chunk : left);
		return 0;
	}
	if (!p->chunk) {
		*ret = ohc_window_ended(&p->w) ? 0 : -1;
		return 0;
	}
	n = ohc_window_fill(&p->w, (size_t)p->chunk, err);
	*ret = n;
	return n < 0 ? (int)n : 0;
}

static int send_piece(struct push *p, struct ohc_reply *re, int64_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *put = NULL;
	bool whole = is_whole(p);

	if (whole)
		put = ohc_url_add_query(p->url, "digest", p->up->d.digest);
	ohc_repo_request(p->repo, p->place, &rq, whole ? "PUT" : "PATCH", whole ? put : p->url,
			 "pull,push");
	ohc_strv_add(&rq.headers, "Content-Type: application/octet-stream");
	if (!whole && n > 0)
		content_range(&rq, p->w.at, (uint64_t)n);
	ohc_window_limit(&p->w, n < 0 ? UINT64_MAX : (uint64_t)n);
	rq.body = &p->w.source;
	rq.body_size = n;
	rq.budget = &p->budget;
	rq.orderly = n < 0;
	return ohc_request_run(&p->repo->r->wire, &rq, re, err);
}

/* Bodies must be smaller: remembered for the host. */
static int shrink(struct push *p, const struct ohc_reply *re, struct ohc_error *err)
{
	uint64_t was = p->chunk, limit = was ? was / 4 : CHUNK;

	if (limit > CHUNK)
		limit = CHUNK;
	if (limit < CHUNK_LEAST)
		return ohc_fault_reply_error(
			re, err,
			"registry '%s', or a proxy before it, takes no body of %" PRIu64 " bytes",
			p->place->e->name, was);
	ohc_say(p->repo->r->o.report, OHC_VERBOSE,
		"registry '%s' takes no large bodies: uploading in chunks of %" PRIu64 " bytes",
		p->place->e->name, limit);
	atomic_store(&p->place->e->chunk, limit);
	p->chunk = limit;
	return take_up(p, err);
}

/* A body broke off for a reason that may pass; run() has waited, or got another token. */
static int recover(struct push *p, const struct ohc_reply *re, struct ohc_error *err)
{
	bool renewed = re->status == 401 || re->status == 400;

	if (renewed && ++p->renewals > RENEWALS_MAX)
		return ohc_repo_error(p->place, re, err, "upload to '%s'", p->repo->name);
	if (!renewed && ++p->barren > BARREN_MAX && !p->chunk) {
		p->chunk = CHUNK;
		p->barren = 0;
	}
	return take_up(p, err);
}

/* Session trouble: what we think of it and what it is differ. */
static bool is_out_of_step(int status)
{
	return status == 400 || status == 404 || status == 416;
}

static int one_piece(struct push *p, int64_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	bool whole = is_whole(p);
	int rc = send_piece(p, &re, n, err);
	int failed = ohc_window_failure(&p->w, err);

	if (failed < 0 && rc == 0 && re.status < 300)
		ohc_session_follow(p->place, &re, &p->url, NULL);
	if (failed < 0)
		rc = failed;
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	if (re.again)
		return recover(p, &re, err);
	if (re.status == 413)
		return shrink(p, &re, err);
	if (is_out_of_step(re.status) && p->barren < BARREN_MAX) {
		p->barren++;
		return take_up(p, err);
	}
	if (re.status >= 300)
		return ohc_repo_error(p->place, &re, err, "upload to '%s'", p->repo->name);
	p->done = whole;
	return whole ? 0 : ohc_session_follow(p->place, &re, &p->url, err);
}

static int send_all(struct push *p, struct ohc_error *err)
{
	int64_t n;
	int rc;

	do {
		rc = next_piece(p, &n, err);
		if (rc < 0 || (n == 0 && !is_whole(p)))
			return rc;
		rc = one_piece(p, n, err);
	} while (rc == 0 && !p->done);
	return rc;
}

/* PUT ?digest=.  When its answer was lost, the blob is there all the same. */
static int commit(struct push *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = ohc_url_add_query(p->url, "digest", p->up->d.digest);
	int rc;

	ohc_repo_request(p->repo, p->place, &rq, "PUT", url, "pull,push");
	rc = ohc_request_run(&p->repo->r->wire, &rq, &re, err);
	if (rc == 0 && re.status < 300)
		return 0;
	if (rc != -OHC_E_INTERRUPTED && is_there(p, p->up->d.digest))
		return 0;
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return ohc_repo_error(p->place, &re, err, "upload %s to '%s'", p->up->d.digest,
			      p->repo->name);
}

int ohc_repo_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	ohc_cleanup(push_clear) struct push p = {
		.repo = repo,
		.place = ohc_repo_origin(repo),
		.up = up,
	};
	bool again = up->known && ohc_source_can_seek(up->source);
	int rc;

	ohc_window_init(&p.w, up->source, up->known ? (uint64_t)up->d.size : UINT64_MAX,
			again ? WINDOW_AGAIN : WINDOW_ONCE);
	rc = open_session(&p, err);
	if (rc == 0)
		rc = send_all(&p, err);
	if (rc == 0 && !p.done)
		rc = commit(&p, err);
	if (rc < 0 && p.url)
		ohc_session_abort(repo, p.url);
	return rc;
}
