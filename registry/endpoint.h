/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host that speaks the distribution API: a registry, or a mirror of one.  It knows the URL
 * requests are made to (Docker Hub's is https://registry-1.docker.io), what the host wants to see
 * (registry/auth.h), and what was found out about it on the way.
 *
 * Where http may be right too (a loopback host, --insecure), GET /v2/ is asked first, by https, and
 * by http only when https does not answer; a certificate that is not trusted is an answer.
 */
#ifndef OHC_REGISTRY_ENDPOINT_H
#define OHC_REGISTRY_ENDPOINT_H

#include <pthread.h>
#include <stdatomic.h>

#include "registry/auth.h"
#include "registry/wire.h"

struct ohc_endpoint {
	struct ohc_endpoint *next;
	const struct ohc_wire *wire;
	char *name;   /* "docker.io", what credentials are kept under */
	char *host;   /* "registry-1.docker.io" */
	char *url;    /* "https://registry-1.docker.io"; once `known` */
	bool plain;   /* http may be tried */
	char *scheme; /* the only one, where it was given with a mirror's URL; or NULL */
	struct ohc_auth *auth;
	pthread_mutex_t lock;
	bool known;
	_Atomic uint64_t chunk; /* bodies may not be larger (a 413 said so); 0: no limit known */
};

struct ohc_endpoint *ohc_endpoint_new(const struct ohc_wire *wire,
				      struct ohc_credentials_ring *keyring, const char *name,
				      const char *scheme, bool insecure);
void ohc_endpoint_free(struct ohc_endpoint *e);

/* Finds out the URL where that was not done yet; afterwards e->url can be used. */
int ohc_endpoint_ready(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err);

#endif
