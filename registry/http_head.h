/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a reply, line by line as curl gives them: of several (1xx, a proxy's) the last one is
 * what counts.  All lines together are bounded by OHC_HTTP_HEAD_MAX, and so are the trailers of a
 * chunked body (RFC 9112, 7.1.2), of which nothing is kept: curl itself keeps every line.
 */
#ifndef OHC_REGISTRY_HTTP_HEAD_H
#define OHC_REGISTRY_HTTP_HEAD_H

#include "core/strv.h"

struct ohc_http_head {
	struct ohc_strv lines; /* "Name: value" */
	size_t size;           /* bytes of all lines that came */
};

enum ohc_head_line {
	OHC_HEAD_MORE,
	OHC_HEAD_END,
	OHC_HEAD_TOO_LARGE,
};

enum ohc_head_line ohc_http_head_line(struct ohc_http_head *h, const char *data, size_t n);

/* A line behind the body, of n bytes.  False: too many came. */
bool ohc_http_head_trailer(struct ohc_http_head *h, size_t n);

/* Is the body sent chunked or plain, as RFC 9112 (6.1) demands for a client that offered no other
 * coding? */
bool ohc_http_head_is_plain(const struct ohc_http_head *h);

/* The value of the next header of this name from *at on, or NULL; borrowed. */
const char *ohc_http_head_next(const struct ohc_http_head *h, const char *name, size_t *at);

#endif
