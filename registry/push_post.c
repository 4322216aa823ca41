// SPDX-License-Identifier: Apache-2.0
/*
 * A small blob in one request: POST ?digest= with all of it (distribution-spec, "Single POST").
 * A registry that does not take that opens a session, as after any POST, and the blob goes on
 * there: it costs no request to try, so only the bytes are bounded.  Whoever answers anything else
 * is asked in the usual way.
 */
#include "core/percent.h"
#include "registry/push_internal.h"
#include "registry/retry.h"
#include "registry/session.h"

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

/* Keeps with the host what came of it. */
static void judge(struct ohc_push *p, const struct ohc_reply *re)
{
	struct ohc_endpoint *e = p->location->e;

	if (re->status == 201) {
		e->taken |= OHC_NO_POST;
		p->done = true;
	} else if (re->status == 202 || ohc_retry_is_about_request(re->status)) {
		e->refused |= OHC_NO_POST;
	}
}

int ohc_push_post(struct ohc_push *p, struct ohc_session **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf query = OHC_BUF_INIT;
	struct ohc_error mine = OHC_ERROR_INIT;
	char *url = NULL;
	int rc;

	if (!fits(p))
		return 0;
	p->posted = true;
	rc = ohc_source_read_all(&p->w.source, POST_MAX, &bytes, err);
	if (rc < 0)
		return rc;
	ohc_buf_adds(&query, "?digest=");
	ohc_percent_add(&query, p->up->d.digest, "");
	rc = ohc_session_open(p->repo,
			      &(struct ohc_session_way){ .query = query.data, .blob = &bytes }, &re,
			      &url, &mine);
	if (rc == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &mine, rc);
	if (rc == 0)
		judge(p, &re);
	if (url)
		*ret = ohc_session_of_mount(&re, url, "");
	return p->done ? 0 : ohc_window_go(&p->w, 0, err);
}
