// SPDX-License-Identifier: Apache-2.0
/*
 * Sends one body of an upload, and reads its answer.
 *
 * A host that does not like a request may say so at once and close the connection; the body then
 * breaks off, and the answer is lost with it.  So after a break the host is asked before the body
 * is sent again (Expect: 100-continue).
 */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/fault.h"
#include "registry/push_internal.h"
#include "registry/retry.h"
#include "registry/session.h"
#include "registry/url.h"

#define RENEWALS_MAX 3

static void content_range(struct ohc_request *rq, uint64_t from, uint64_t n)
{
	ohc_strv_take(&rq->headers,
		      ohc_xasprintf("Content-Range: %" PRIu64 "-%" PRIu64, from, from + n - 1));
}

static int send(struct ohc_push *p, const struct ohc_push_body *b, struct ohc_reply *re,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = ohc_take(p->detour);

	if (!url)
		url = b->whole ? ohc_url_add_query(p->url, "digest", p->up->d.digest)
			       : ohc_xstrdup(p->url);
	ohc_repo_request(p->repo, p->location, &rq, b->whole ? "PUT" : "PATCH", url, "pull,push");
	ohc_strv_add(&rq.headers, "Content-Type: application/octet-stream");
	if (!b->whole && b->n > 0)
		content_range(&rq, b->start, (uint64_t)b->n);
	ohc_window_limit(&p->w, b->n < 0 ? UINT64_MAX : (uint64_t)b->n);
	rq.body = &p->w.source;
	rq.body_size = b->n;
	rq.budget = &p->budget;
	rq.orderly = b->n < 0;
	rq.expect = p->barren > 0 && !(p->refused & OHC_NO_EXPECT);
	return ohc_request_run(&p->repo->r->wire, &rq, re, err);
}

/* A body broke off for a reason that may pass; run() has waited, or got another token. */
static int recover(struct ohc_push *p, const struct ohc_reply *re, struct ohc_error *err)
{
	bool renewed = re->status == 401 || re->status == 400;

	if (renewed && ++p->renewals > RENEWALS_MAX)
		return ohc_repo_error(p->location, re, err, "upload to '%s'", p->repo->name);
	if (!renewed && ++p->barren > OHC_PUSH_BARREN_MAX && !p->chunk &&
	    !(p->refused & OHC_NO_PATCH)) {
		p->chunk = OHC_PUSH_CHUNK;
		p->barren = 0;
	}
	return ohc_push_take_up(p, err);
}

/* 307, 308: the same body, from its start, to another URL. */
static int take_detour(struct ohc_push *p, const struct ohc_push_body *b,
		       const struct ohc_reply *re, struct ohc_error *err)
{
	const char *location = ohc_request_reply_header(re, "Location");
	ohc_cleanup(ohc_freep) char *next = NULL, *shown = NULL;
	int rc = ohc_url_resolve(re->url, location, &next, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "redirect of an upload to '%s'", p->repo->name);
	ohc_url_upgrade(&next, p->location->e->url);
	shown = ohc_url_public(next);
	if (ohc_url_is_https(re->url) && !ohc_url_is_https(next))
		return ohc_error_set(err, OHC_E_NETWORK,
				     "refused a redirect from https to http: '%s'", shown);
	if (++p->detours > OHC_REDIRECTS_MAX)
		return ohc_error_set(err, OHC_E_NETWORK,
				     "registry '%s' redirects an upload more than %d times",
				     p->location->e->name, OHC_REDIRECTS_MAX);
	rc = ohc_window_go(&p->w, b->start, err);
	if (rc < 0)
		return ohc_push_cannot_again(p, rc, re, err);
	ohc_report_say(p->repo->r->o.report, OHC_VERBOSE, "upload to '%s' goes to '%s'",
		       p->repo->name, shown);
	p->detour = ohc_take(next);
	return 0;
}

/* Does the answer mean that the session's state is not what we think, or that the host has rules of
 * its own? */
static bool is_out_of_step(int status)
{
	return status == 404 || ohc_retry_is_about_request(status);
}

/* Asks the session where it stands; where that does not help, sends everything again in a new
 * session and in the other form. */
static int get_in_step(struct ohc_push *p, const struct ohc_push_body *b,
		       const struct ohc_reply *re, struct ohc_error *err)
{
	int rc;

	if (re->status == 417) { /* nothing else was wrong */
		p->refused |= OHC_NO_EXPECT;
		atomic_fetch_or(&p->location->e->refused, OHC_NO_EXPECT);
		return ohc_push_take_up(p, err);
	}
	if (++p->barren < OHC_PUSH_BARREN_MAX)
		return ohc_push_take_up(p, err);
	rc = ohc_window_go(&p->w, 0, err);
	if (rc == -OHC_E_UNSUPPORTED)
		return ohc_repo_error(p->location, re, err, "upload to '%s'", p->repo->name);
	if (rc == 0 && b->whole && !(p->refused & OHC_NO_PATCH))
		rc = ohc_push_without(p, OHC_NO_WHOLE, err);
	else if (rc == 0 && !b->whole && p->known && !(p->refused & OHC_NO_WHOLE))
		rc = ohc_push_without(p, OHC_NO_PATCH, err);
	if (rc < 0)
		return rc;
	ohc_session_abort(p->repo, p->url);
	return ohc_push_start_over(p, err);
}

/* Handles the answer, whether it is a success or not. */
static int judge(struct ohc_push *p, const struct ohc_push_body *b, const struct ohc_reply *re,
		 struct ohc_error *err)
{
	if ((re->status == 307 || re->status == 308) && ohc_request_reply_header(re, "Location"))
		return take_detour(p, b, re, err);
	if (re->status == 413)
		return ohc_push_shrink(p, re, err);
	if (ohc_push_is_about_form(re->status))
		return ohc_push_change_form(p, b, re, err);
	if (is_out_of_step(re->status) && p->barren < OHC_PUSH_BARREN_MAX)
		return get_in_step(p, b, re, err);
	if (re->status >= 300 && b->whole && ohc_push_is_there(p)) {
		p->done = true;
		return 0;
	}
	if (re->status >= 300)
		return ohc_repo_error(p->location, re, err, "upload to '%s'", p->repo->name);
	p->detours = 0;
	p->done = b->whole;
	return b->whole ? 0 : ohc_session_follow(p->location, re, &p->url, err);
}

int ohc_push_send(struct ohc_push *p, const struct ohc_push_body *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int rc = send(p, b, &re, err);
	int failed = ohc_window_failure(&p->w, err);

	if (failed < 0 && rc == 0 && re.status < 300)
		ohc_session_follow(p->location, &re, &p->url, NULL);
	if (failed < 0)
		rc = failed;
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->repo->name);
	return re.again ? recover(p, &re, err) : judge(p, b, &re, err);
}
