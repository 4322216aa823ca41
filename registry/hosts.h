/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps for a day between runs (core/cache.h) what was found out about a host: by which scheme it
 * answers, what it wants to see, which forms of an upload it takes.
 *
 * Nothing here is a secret.  Nothing is trusted more than if it had been found out now: when it is
 * wrong, the first request shows it, and it is asked for again.
 */
#ifndef OHC_REGISTRY_HOSTS_H
#define OHC_REGISTRY_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cache.h"

enum ohc_host_ask {
	OHC_ASK_UNKNOWN,
	OHC_ASK_NOTHING,
	OHC_ASK_BASIC,
	OHC_ASK_BEARER,
};

struct ohc_host_traits {
	bool http; /* it does not speak TLS */
	enum ohc_host_ask ask;
	char *realm;          /* Bearer's, or NULL */
	char *service;        /* or NULL */
	unsigned int refused; /* OHC_NO_… (registry/endpoint.h) */
	unsigned int taken;   /* the same bits, of what it takes */
	uint64_t chunk;       /* bodies may not be larger; 0: no limit is known */
};

#define OHC_HOST_TRAITS_INIT   \
	{                      \
		.http = false, \
	}

/* False: nothing is known of the host, or it is older than a day.  now is in seconds since the
 * epoch. */
bool ohc_hosts_look(struct ohc_cache *cache, const char *host, int64_t now,
		    struct ohc_host_traits *ret);
void ohc_hosts_keep(struct ohc_cache *cache, const char *host, int64_t now,
		    const struct ohc_host_traits *f);
bool ohc_host_traits_equal(const struct ohc_host_traits *a, const struct ohc_host_traits *b);
void ohc_host_traits_clear(struct ohc_host_traits *f);

#endif
