// SPDX-License-Identifier: Apache-2.0
/*
 * Uploads blobs to a registry.  The ways, best first:
 *
 *	post	it is known, and small:	POST ?digest= with the body (registry/push_post.c)
 *	whole	the digest is known:	POST, PUT ?digest= with the body
 *	stream	it is not yet:		POST, PATCH with a body of unknown length, PUT ?digest=
 *	chunks	the host asks for them (OCI-Chunk-Min-Length), or refuses large bodies (413):
 *		POST, PATCH…, PUT ?digest=
 *
 * Where a host, or a proxy before it, refuses one of them (405, 411, 501), another one is tried,
 * and that is remembered for the host: chunks for a stream, PATCH for a whole, and a whole for
 * everything else, for which a stream must be put into a file first.  A body that is redirected
 * (307, 308) goes where that leads to, without any secret on another host.
 *
 * When a body did not arrive, the session is asked for what it has, and the rest is sent; when it
 * is gone, everything, where the source can be read again.  The bytes that were sent last are kept
 * in a window (registry/window.h), so that an upload from a source that can be read only once
 * survives a break, too.  Progress renews the budget of tries.  An upload that fails in the end is
 * given up with a DELETE; distribution accepts that only with the right offset, so a stream whose
 * input fails is ended in order first.  (A whole PUT that breaks off leaves a session there which
 * only time removes.)
 */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/fault.h"
#include "registry/push_internal.h"
#include "registry/session.h"
#include "registry/url.h"

#define WINDOW_ONCE (16u << 20) /* for a source that can be read only once */
#define PROGRESS    (64 * 1024)

static void push_clear(struct ohc_push *p)
{
	ohc_window_clear(&p->w);
	ohc_source_close(p->spooled);
	free(p->detour);
	free(p->url);
}

/* An error of the window's source is told before one of the network, which it may have caused. */
static bool is_final(int rc)
{
	return rc == -OHC_E_INTERRUPTED || rc == -OHC_E_DENIED || rc == -OHC_E_DIGEST;
}

static int open_session(struct ohc_push *p, struct ohc_error *err)
{
	struct ohc_session *s = ohc_session_take(p->repo, p->known ? p->up->d.digest : "");
	int rc = s ? 0 : ohc_push_post(p, &s, err);

	if (rc < 0 || p->done)
		return rc;
	if (!s)
		rc = ohc_session_begin(p->repo, &s, err);
	if (rc < 0)
		return rc;
	free(p->url);
	p->url = ohc_take(s->url);
	ohc_push_set_chunk(p, s->chunk_min);
	ohc_session_free(s);
	return 0;
}

int ohc_push_start_over(struct ohc_push *p, struct ohc_error *err)
{
	int rc = ohc_window_go(&p->w, 0, err);

	if (rc == -OHC_E_UNSUPPORTED)
		return ohc_error_set(err, OHC_E_NETWORK,
				     "registry '%s' lost the upload to '%s', and its input can be "
				     "read only once",
				     p->location->e->name, p->repo->name);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return open_session(p, err);
}

bool ohc_push_is_there(struct ohc_push *p)
{
	bool there = false;

	return ohc_repo_has_blob(&p->repo->store, &p->up->d, &there, NULL) == 0 && there;
}

/* Without PATCH no rest can be sent, so all is sent again. */
static bool can_go_on(const struct ohc_push *p, uint64_t offset)
{
	return offset > 0 && (!(p->refused & OHC_NO_PATCH) || offset == (uint64_t)p->up->d.size);
}

int ohc_push_take_up(struct ohc_push *p, struct ohc_error *err)
{
	struct ohc_error mine = OHC_ERROR_INIT;
	uint64_t offset = 0;
	int rc = ohc_session_offset(p->repo, &p->url, &offset, &mine);

	if (is_final(rc) || rc == -OHC_E_NETWORK)
		return ohc_error_copy(err, &mine, rc);
	/* A PUT whose answer was lost may have closed the session. */
	if (rc < 0 && p->known && ohc_push_is_there(p)) {
		p->done = true;
		return 0;
	}
	if (rc == 0 && offset > 0)
		rc = ohc_window_go(&p->w, offset, &mine);
	if (rc < 0 || !can_go_on(p, offset)) {
		ohc_session_abort(p->repo, p->url);
		return ohc_push_start_over(p, err);
	}
	ohc_report_say(p->repo->r->o.report, OHC_VERBOSE, "upload to '%s' goes on at byte %" PRIu64,
		       p->repo->name, offset);
	if (offset >= p->mark + PROGRESS) {
		p->budget = (struct ohc_budget){ 0 };
		p->barren = p->renewals = 0;
	}
	p->mark = offset;
	return 0;
}

static int send_all(struct ohc_push *p, struct ohc_error *err)
{
	struct ohc_push_body b;
	int rc;

	do {
		rc = ohc_push_next(p, &b, err);
		if (rc < 0 || (b.n == 0 && !b.whole))
			return rc;
		rc = ohc_push_send(p, &b, err);
	} while (rc == 0 && !p->done);
	return rc;
}

/* Sends PUT ?digest=.  When its answer was lost, the blob may be there all the same. */
static int commit(struct ohc_push *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = ohc_url_add_query(p->url, "digest", p->up->d.digest);
	int rc;

	ohc_repo_request(p->repo, p->location, &rq, "PUT", url, "pull,push");
	rc = ohc_request_run(&p->repo->r->wire, &rq, &re, err);
	if (rc == 0 && re.status < 300)
		return 0;
	if (rc != -OHC_E_INTERRUPTED && ohc_push_is_there(p))
		return 0;
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return ohc_repo_error(p->location, &re, err, "upload %s to '%s'", p->up->d.digest,
			      p->repo->name);
}

static void push_init(struct ohc_push *p, struct ohc_repo *repo, struct ohc_upload *up)
{
	bool again = up->known && ohc_source_can_seek(up->source);

	*p = (struct ohc_push){ .repo = repo, .location = ohc_repo_origin(repo), .up = up };
	p->known = up->known;
	p->refused = atomic_load(&p->location->e->refused);
	ohc_window_init(&p->w, up->source, up->known ? (uint64_t)up->d.size : UINT64_MAX,
			again ? OHC_PUSH_AGAIN : WINDOW_ONCE);
}

int ohc_repo_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	ohc_cleanup(push_clear) struct ohc_push p;
	int rc;

	push_init(&p, ohc_repo_of(s), up);
	rc = ohc_push_without(&p, 0, err);
	if (rc == 0)
		rc = open_session(&p, err);
	if (rc == 0 && !p.done)
		rc = send_all(&p, err);
	if (rc == 0 && !p.done)
		rc = commit(&p, err);
	if (rc == 0)
		ohc_repo_saw_blob(p.repo, up->d.digest);
	else if (p.url)
		ohc_session_abort(p.repo, p.url);
	return rc;
}
