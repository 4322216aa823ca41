/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WWW-Authenticate (RFC 9110, 11.6.1): one or several challenges in one or several header lines,
 * whose parameters are separated by the same comma as the challenges are, and may be quoted with
 * commas inside (Bearer's scope="repository:a:pull,push" is).
 *
 *	while ((line = ohc_http_header_next(x, "WWW-Authenticate", &at)))
 *		ohc_challenge_parse(line, &c);		adds what it understands
 *
 * An unknown scheme is skipped, because there may be another one that we know.
 */
#ifndef OHC_REGISTRY_CHALLENGE_H
#define OHC_REGISTRY_CHALLENGE_H

#include <stdbool.h>

#include "core/strv.h"

struct ohc_challenge {
	bool basic;
	bool bearer;
	char *realm;   /* Bearer's, or NULL */
	char *service; /* or NULL */
	char *error;   /* RFC 6750's, "insufficient_scope", or NULL */
	struct ohc_strv scopes;
};

#define OHC_CHALLENGE_INIT      \
	{                       \
		.basic = false, \
	}

void ohc_challenge_parse(const char *line, struct ohc_challenge *c);
void ohc_challenge_clear(struct ohc_challenge *c);

#endif
