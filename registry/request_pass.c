// SPDX-License-Identifier: Apache-2.0
#include "registry/request_pass.h"

#include <string.h>

#define BULK (64 * 1024) /* a longer body is sent beside the small requests */

int ohc_request_pass_enter(const struct ohc_wire *w, const struct ohc_request *rq,
			   const char *authority, struct ohc_reply *re, struct ohc_error *err)
{
	bool bulk = rq->len > BULK || (rq->body && (rq->body_size < 0 || rq->body_size > BULK));

	if (!rq->cleanup && !(rq->turn && strcmp(rq->turn, authority) == 0))
		return ohc_limits_enter(w->limits, authority, bulk, w->report, &re->pass, err);
	ohc_limits_enter_now(w->limits, authority, &re->pass);
	return 0;
}

static const char *header_of(const void *exchange, const char *name)
{
	return ohc_http_header(exchange, name);
}

/* A mirror is not waited for: there is the registry itself. */
static enum ohc_pace_kind kind_of_fault(const struct ohc_reply *re)
{
	switch (re->fault) {
	case OHC_HTTP_UNREACHABLE:
		return re->named ? OHC_PACE_AWAY : OHC_PACE_TROUBLE;
	case OHC_HTTP_BROKEN:
	case OHC_HTTP_STALLED:
	case OHC_HTTP_SILENT:
		return OHC_PACE_TROUBLE;
	default:
		return OHC_PACE_UNKNOWN;
	}
}

static enum ohc_pace_kind kind_of(const struct ohc_reply *re)
{
	if (!re->status)
		return kind_of_fault(re);
	if (ohc_request_reply_is_limit(re))
		return OHC_PACE_REFUSED;
	return ohc_retry_may_pass(re->status) ? OHC_PACE_TROUBLE : OHC_PACE_GOOD;
}

void ohc_request_pass_leave(struct ohc_reply *re)
{
	struct ohc_retry_input in = ohc_request_reply_facts(re);
	struct ohc_pace_answer a = { .kind = kind_of(re), .asked = -1 };
	struct ohc_quota quota;

	if (!re->pass.host)
		return;
	if (re->status) {
		a.asked = (double)ohc_retry_asked(&in);
		ohc_quota_read(header_of, re->x, in.now, &quota);
		a.quota = &quota;
	}
	ohc_limits_leave(&re->pass, &a);
}
