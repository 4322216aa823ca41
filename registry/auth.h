/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one registry wants to see before it answers, and what was given to it so far: nothing, Basic
 * (RFC 7617), or Bearer tokens of the token server that its challenge names (distribution's
 * token/oauth2 pages).  It is learnt from 401 replies and kept, so that later requests carry the
 * right header from the start.
 *
 *	rc = ohc_auth_header(auth, &want, &grant, err);		grant.header may be NULL
 *	... the reply is 401 ...
 *	again = ohc_auth_refused(auth, &want, exchange, &grant);
 *
 * A token is kept by its scopes until shortly before it expires; a token that covers more serves
 * for less.  Several threads that need the same one make one request.  A token is asked for with
 * the scopes of all repositories that are in use and have the same credentials; where the server
 * gives none, or one that the registry refuses, each is asked for alone from then on.
 *
 * Rules for the realm: https, or loopback for a registry that is on loopback itself, or http at
 * the same host for a registry that is spoken to by http with --insecure.  Credentials go to the
 * realm of the registry that they were found for and to no other.
 */
#ifndef OHC_REGISTRY_AUTH_H
#define OHC_REGISTRY_AUTH_H

#include "registry/credentials.h"
#include "registry/hosts.h"
#include "registry/wire.h"

struct ohc_auth;

/* The header's value for one request. */
struct ohc_auth_grant {
	char *header; /* "Bearer …", or NULL */
	bool fresh;   /* nothing better can be made: when it is refused, so is whoever asks */
};

#define OHC_GRANT_INIT          \
	{                       \
		.header = NULL, \
	}
void ohc_auth_grant_clear(struct ohc_auth_grant *g);

/* registry: the name credentials are looked up by; url: its base.  All of them must outlive it.
 * insecure: nor is the certificate of a token server on the same host checked. */
struct ohc_auth *ohc_auth_new(const struct ohc_wire *wire, struct ohc_credentials_ring *keyring,
			      const char *registry, const char *url, bool insecure);
void ohc_auth_free(struct ohc_auth *a);

/* The access that a request needs. */
struct ohc_access {
	const char *repo;       /* credentials may differ by it; NULL: the registry as a whole */
	struct ohc_strv scopes; /* "repository:REPO:pull,push" each */
	_Atomic uint64_t *requests; /* where requests for tokens are counted, or NULL */
};

int ohc_auth_header(struct ohc_auth *a, const struct ohc_access *want, struct ohc_auth_grant *ret,
		    struct ohc_error *err);

/* The reply x refused the request that carried g.  Scopes it asks for are added to want's.
 * True: another header is worth a try. */
bool ohc_auth_refused(struct ohc_auth *a, struct ohc_access *want,
		      const struct ohc_http_exchange *x, const struct ohc_auth_grant *g);

/* The repository is in use, or not any more: each call with on true has its one with false. */
void ohc_auth_expect(struct ohc_auth *a, const char *repo, bool write, bool on);

/* The token in g covers more than was wanted, and was refused, maybe because of that: true, and
 * nothing like it is got again. */
bool ohc_auth_narrow(struct ohc_auth *a, const struct ohc_access *want,
		     const struct ohc_auth_grant *g);

/* Forgets the token or header in g, so that it is not used again. */
void ohc_auth_forget(struct ohc_auth *a, const struct ohc_auth_grant *g);

/* What it wanted to see before, and what is known of that now: the members for it of *ret. */
void ohc_auth_remember(struct ohc_auth *a, const struct ohc_host_traits *f);
void ohc_auth_traits(struct ohc_auth *a, struct ohc_host_traits *ret);

/* The registry is at this URL after all. */
void ohc_auth_set_url(struct ohc_auth *a, const char *url);

/* The same from a reply that was asked for nothing but its challenge (GET /v2/). */
void ohc_auth_learn(struct ohc_auth *a, const struct ohc_http_exchange *x);

/* Names what was refused, for messages: "the credentials of 'me' from '/root/.docker/config.json'",
 * or "access without credentials".  The caller frees it. */
char *ohc_auth_who(struct ohc_auth *a, const char *repo);

/* The registry wants to see something. */
bool ohc_auth_asked(struct ohc_auth *a);

/* The registry's name. */
const char *ohc_auth_registry(const struct ohc_auth *a);

#endif
