/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what a registry says of its limits in the headers of a reply, in the forms that are about:
 *
 *	RateLimit-Limit: 100, 100;w=60		IETF draft-ietf-httpapi-ratelimit-headers, up to -06
 *	RateLimit-Remaining: 50
 *	RateLimit-Reset: 30			seconds from now on
 *	RateLimit: limit=100, remaining=50, reset=30			-07
 *	RateLimit: "default";r=50;t=30					-08 and later, with
 *	RateLimit-Policy: "default";q=100;w=60
 *	X-RateLimit-Limit, -Remaining, -Reset	the same before there was a draft; Reset may be a
 *						time, in seconds since the epoch
 *	ratelimit-limit: 100;w=21600		Docker Hub's, which counts pulls
 *	ratelimit-remaining: 76;w=21600
 *
 *	ohc_quota_read(header, ctx, now, &quota);	header: looks up a header of the reply
 *	if (quota.remaining >= 0)
 *		... so many more, for quota.reset seconds ...
 *
 * Of several quotas in one reply the one counts that has the least left.  Whatever cannot be read
 * is as good as not there.
 */
#ifndef OHC_REGISTRY_QUOTA_H
#define OHC_REGISTRY_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct ohc_quota {
	int64_t limit;     /* -1: not said */
	int64_t remaining; /* -1: not said */
	int64_t reset;     /* seconds until it is whole again; -1: not said */
	int64_t window;    /* seconds that the limit is for; -1: not said */
	bool pulls;        /* it counts pulls of manifests, not requests */
};

typedef const char *(*ohc_quota_header_fn)(const void *ctx, const char *name);

/* now: seconds since the epoch. */
void ohc_quota_read(ohc_quota_header_fn header, const void *ctx, int64_t now,
		    struct ohc_quota *ret);

#endif
