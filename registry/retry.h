/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether a request is made again, and after how long: one pure function, so that every
 * rule can be tested in a table (tests/unit/test_registry_retry.c).
 *
 * Made again: a connection that failed or broke; 408, 425, 429 and those 5xx by which a server, or
 * a proxy before it, says that it is in trouble now (500, 502, 503, 504, Cloudflare's 520 and
 * above); and a 403 whose body says that it is a rate limit in disguise.  Not: the other 4xx (401
 * is registry/auth.h's), 5xx that are final (501, 505, 507 …), TLS that is not trusted.  A request
 * that was sent whole and whose answer did not come in time is made again once.  A refusal for too
 * many requests is made again as long as there is time, whatever the number of tries, and so is one
 * to a host that answered before and is away now.  A server's
 * Retry-After (RFC 9110, 10.2.3: seconds or a date) or the hint in its body is obeyed; without one
 * the wait doubles from half a second to 30 seconds, with jitter, so that many clients do not come
 * back together.  All waits of a request stay below OHC_PATIENCE_MS; a server that asks for more
 * than is left is not asked again.
 */
#ifndef OHC_REGISTRY_RETRY_H
#define OHC_REGISTRY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "registry/http.h"
#include "registry/pace.h"

struct ohc_retry_input {
	enum ohc_http_fault fault; /* OHC_HTTP_FINE when there was a reply */
	int status;
	const char *retry_after; /* that header, or NULL */
	const char *body;        /* the beginning of an error's body; "" */
	bool away;               /* unreachable, and was there before */
	unsigned int tries;      /* made so far, at least 1 */
	unsigned int retries;    /* allowed after the first */
	uint64_t waited_ms;      /* so far */
	int64_t now;             /* seconds since the epoch, for dates */
	uint32_t random;         /* for the jitter */
};

/* Does the status tell of trouble that may pass? */
bool ohc_retry_may_pass(int status);

/* Too many requests: 429, or a 403 whose body says so. */
bool ohc_retry_is_refusal(int status, const char *body);

/* A refusal of what was asked for, which will be the same the next time: neither about who asks
 * (401, 403, 407), nor about what is there (404), nor about when. */
bool ohc_retry_is_about_request(int status);

/* How long the server asks to wait, in ms; -1: it does not say. */
int64_t ohc_retry_asked(const struct ohc_retry_input *in);

/* True: again, after *ret_ms. */
bool ohc_retry(const struct ohc_retry_input *in, uint64_t *ret_ms);

#endif
