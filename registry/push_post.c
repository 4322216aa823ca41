// SPDX-License-Identifier: Apache-2.0
/*
 * A small blob in one request: POST ?digest= with all of it (distribution-spec, "Single POST").
 * A registry that does not take that opens a session, as after any POST, and the blob goes on
 * there: it costs no request to try, so only the bytes are bounded.  Whoever answers anything else
 * is asked in the usual way.
 */
#include "core/alloc.h"
#include "registry/push_internal.h"
#include "registry/retry.h"
#include "registry/session.h"
#include "registry/url.h"

/* Larger blobs are worth a session, which goes on where it broke off; and few bytes go twice where
 * nobody knows yet whether they are taken. */
#define POST_MAX  (1u << 20)
#define FIRST_MAX (64 * 1024)

static bool fits(const struct ohc_push *p)
{
	const struct ohc_endpoint *e = p->location->e;
	uint64_t size = (uint64_t)p->up->d.size;

	return p->known && !p->posted && !(e->refused & OHC_NO_POST) &&
	       size <= (e->taken & OHC_NO_POST ? POST_MAX : FIRST_MAX) &&
	       (e->chunk == 0 || size <= e->chunk);
}

static int post(struct ohc_push *p, const struct ohc_buf *bytes, struct ohc_reply *re,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL, *with = NULL;
	int rc = ohc_repo_url(p->repo, p->location, &url, err, "blobs/uploads/");

	if (rc < 0)
		return rc;
	with = ohc_url_add_query(url, "digest", p->up->d.digest);
	ohc_repo_request(p->repo, p->location, &rq, "POST", with, "pull,push");
	ohc_strv_add(&rq.headers, "Content-Type: application/octet-stream");
	rq.data = ohc_buf_str(bytes);
	rq.len = bytes->len;
	rq.orderly = true; /* it may open a session */
	rq.once = rq.tentative = true;
	return ohc_request_run(&p->repo->r->wire, &rq, re, err);
}

/* The outcome. */
static int judge(struct ohc_push *p, const struct ohc_reply *re, struct ohc_session **ret,
		 struct ohc_error *err)
{
	struct ohc_endpoint *e = p->location->e;
	char *url = NULL;
	int rc = 0;

	if (re->status == 201 || re->status == 202)
		p->repo->writable = true;
	if (re->status == 201) {
		e->taken |= OHC_NO_POST;
		p->done = true;
	} else if (re->status == 202) {
		e->refused |= OHC_NO_POST;
		rc = ohc_session_follow(p->location, re, &url, err);
		if (rc == 0)
			*ret = ohc_session_of_mount(re, url, "");
	} else if (ohc_retry_is_about_request(re->status)) {
		e->refused |= OHC_NO_POST;
	}
	return rc;
}

int ohc_push_post(struct ohc_push *p, struct ohc_session **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc;

	if (!fits(p))
		return 0;
	p->posted = true;
	rc = ohc_source_read_all(&p->w.source, POST_MAX, &bytes, err);
	if (rc < 0)
		return rc;
	rc = post(p, &bytes, &re, &mine);
	if (rc == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &mine, rc);
	if (rc == 0)
		rc = judge(p, &re, ret, err);
	return p->done || rc < 0 ? rc : ohc_window_go(&p->w, 0, err);
}
