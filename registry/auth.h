/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization of requests to one registry: none, Basic (RFC 7617), or Bearer tokens of the
 * token server that its challenge names (distribution's token/oauth2 pages).  Which one a registry
 * wants is learnt from 401 replies and kept, so that later requests carry the right header from the
 * start.
 *
 *	rc = ohc_auth_header(auth, &want, host, &grant, err);	grant.header may be NULL
 *	... the reply is 401 ...
 *	again = ohc_auth_refused(auth, &want, exchange, &grant);
 *
 * A token is kept by its scopes until shortly before it expires; a token that covers more is used
 * for less, too.  Several threads that need the same one make one request.  A token is asked for
 * with the scopes of all repositories that are in use and have the same credentials; where the
 * server gives none, or one that the registry refuses, each is asked for alone from then on.
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
	bool fresh;   /* there is no better header: when this one is refused, access is denied */
	/* Of a token, ms of the monotonic clock; good_until is before it ends; 0: it has no end. */
	int64_t since, good_until, ends;
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

/* Makes the header for a request that is sent now: a token may end while one waits.  turn: the
 * host where its turn has come (registry/limits.h); a token that is got there is part of that turn,
 * since it could wait for ever for one of its own.  NULL: none is held.  What is in *ret stays
 * while it is good. */
int ohc_auth_header(struct ohc_auth *a, const struct ohc_access *want, const char *turn,
		    struct ohc_auth_grant *ret, struct ohc_error *err);

/* Tells that the reply x refused the request that carried g.  Scopes that x asks for are added to
 * want's.  True: another header is worth a try. */
bool ohc_auth_refused(struct ohc_auth *a, struct ohc_access *want,
		      const struct ohc_http_exchange *x, const struct ohc_auth_grant *g);

/* Tells that the repository is in use (on), or not any more: each call with on true has its one
 * with false. */
void ohc_auth_expect(struct ohc_auth *a, const char *repo, bool write, bool on);

/* Tells that the request with g was refused.  True where g's token covers more than was wanted,
 * which may be the reason: no such token is got again, and the request can be tried once more. */
bool ohc_auth_narrow(struct ohc_auth *a, const struct ohc_access *want,
		     const struct ohc_auth_grant *g);

/* Forgets the token or header in g, so that it is not used again. */
void ohc_auth_forget(struct ohc_auth *a, const struct ohc_auth_grant *g);

/* Sets what the registry wanted in an earlier run, and fills in those members of *ret with what is
 * known now. */
void ohc_auth_remember(struct ohc_auth *a, const struct ohc_host_traits *f);
void ohc_auth_traits(struct ohc_auth *a, struct ohc_host_traits *ret);

/* Sets the registry's URL, when it turns out to be another one. */
void ohc_auth_set_url(struct ohc_auth *a, const char *url);

/* Reads the challenges of a reply that was asked for only to see them (GET /v2/). */
void ohc_auth_learn(struct ohc_auth *a, const struct ohc_http_exchange *x);

/* Names what was refused, for messages: "the credentials of 'me' from '/root/.docker/config.json'",
 * or "access without credentials".  The caller frees it. */
char *ohc_auth_who(struct ohc_auth *a, const char *repo);

/* Requests for a repository show one of these. */
enum ohc_auth_shown {
	OHC_AUTH_NOTHING,     /* it asked for nothing, or there are no credentials for it */
	OHC_AUTH_CREDENTIALS, /* those: a 401 of the registry refuses them */
	OHC_AUTH_TOKEN,       /* a token server's, which refuses wrong credentials itself */
};
enum ohc_auth_shown ohc_auth_shown(struct ohc_auth *a, const char *repo);

/* Does the registry want credentials or a token? */
bool ohc_auth_asked(struct ohc_auth *a);

/* The registry's name. */
const char *ohc_auth_registry(const struct ohc_auth *a);

#endif
