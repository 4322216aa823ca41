/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host that speaks the distribution API: a registry, or a mirror of one.  It knows the URL
 * requests are made to (Docker Hub's is https://registry-1.docker.io), what the host wants to see
 * (registry/auth.h), and what was found out about it on the way.
 *
 * Where http may be right, too (a loopback host, --insecure), GET /v2/ is tried first, by https,
 * and by http only when https does not answer; a certificate that is not trusted is an answer.  The
 * result is remembered (registry/hosts.h), and not asked for the next time.  When the first request
 * then fails as it would by the wrong scheme, GET /v2/ is tried after all, and the request made
 * again.
 */
#ifndef OHC_REGISTRY_ENDPOINT_H
#define OHC_REGISTRY_ENDPOINT_H

#include <pthread.h>
#include <stdatomic.h>

#include "registry/auth.h"
#include "registry/wire.h"

struct ohc_request;

struct ohc_endpoint {
	struct ohc_endpoint *next;
	const struct ohc_wire *wire;
	char *name;              /* "docker.io", what credentials are kept under */
	char *host;              /* "registry-1.docker.io" */
	char *urls[2];           /* by https, by http */
	const char *_Atomic url; /* the right one of the two, once `known` */
	bool plain;              /* http may be tried */
	char *scheme;            /* the only one, where it was given with a mirror's URL; or NULL */
	bool named; /* no mirror: credentials and certificates of the command line are for it */
	bool insecure;
	struct ohc_auth *auth;
	pthread_mutex_t lock;
	bool known;
	_Atomic bool asked;      /* GET /v2/ told what it wants to see */
	_Atomic bool remembered; /* the scheme is remembered, and no reply has confirmed it yet */
	struct ohc_host_traits traits; /* of earlier runs, where: */
	bool has_traits;
	_Atomic uint64_t chunk; /* bodies may not be larger (a 413 said so); 0: no limit known */
	_Atomic unsigned int refused; /* OHC_NO_...: forms of a request that it does not take */
	_Atomic unsigned int taken;   /* the same bits: optional forms that it was seen to take */
};

#define OHC_NO_WHOLE  1u /* a PUT with all of a blob */
#define OHC_NO_PATCH  2u
#define OHC_NO_STREAM 4u  /* a PATCH of unknown length */
#define OHC_NO_EXPECT 8u  /* Expect: 100-continue before a body */
#define OHC_NO_POST   16u /* a POST with all of a blob */
#define OHC_NO_TAGS   32u /* a PUT of a manifest with its tags in the query */

/* The key by which an endpoint is found. */
struct ohc_endpoint_key {
	const char *name, *scheme;
	bool named, insecure;
};

struct ohc_endpoint *ohc_endpoint_new(const struct ohc_wire *wire,
				      struct ohc_credentials_ring *keyring,
				      const struct ohc_endpoint_key *key);
bool ohc_endpoint_is(const struct ohc_endpoint *e, const struct ohc_endpoint_key *key);
void ohc_endpoint_free(struct ohc_endpoint *e);

/* Finds out the URL, unless that was done before; afterwards e->url can be used. */
int ohc_endpoint_ready(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err);

/* The same, and also finds out what it wants to see. */
int ohc_endpoint_ask(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err);

/* Prepares a request to this host: with the authorization that it wants, and with no secret that is
 * meant for others. */
void ohc_endpoint_prepare(struct ohc_endpoint *e, struct ohc_request *rq);

#endif
