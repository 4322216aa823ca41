/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bearer tokens: one request to a token server (distribution-spec leaves it to distribution's
 * "Token Authentication" and "OAuth 2" pages).  With an identity token it is a POST (grant_type
 * refresh_token), else a GET, with Basic credentials or without any.
 */
#ifndef OHC_REGISTRY_TOKEN_H
#define OHC_REGISTRY_TOKEN_H

#include "registry/credentials.h"
#include "registry/wire.h"

#define OHC_TOKEN_ANSWER_MAX (1u << 20)

struct ohc_token_query {
	const char *registry; /* for messages */
	const char *realm;
	const char *service;                       /* or NULL */
	const struct ohc_strv *scopes;             /* may be empty */
	const struct ohc_credentials *credentials; /* NULL: anonymous */
	bool insecure;                             /* the server's certificate is not checked */
	_Atomic uint64_t *requests;
	const char *turn; /* the host where the caller's turn has come, or NULL */
};

/* Has the token only characters that cannot break out of a header line?  RFC 6750, 2.1, allows
 * fewer. */
bool ohc_token_usable(const char *token);

/* *ret is freed by the caller; *ret_seconds is how long it is good for (60 where the server does
 * not say). */
int ohc_token_fetch(const struct ohc_wire *w, const struct ohc_token_query *q, char **ret,
		    int64_t *ret_seconds, struct ohc_error *err);

#endif
