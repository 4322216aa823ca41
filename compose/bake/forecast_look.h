/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what can be known of bases and payloads before a bake (compose/bake/forecast.h), each once.
 *
 *	struct ohc_forecast_sources *list = ohc_forecast_sources_new();
 *
 *	ohc_forecast_add_base(list, "debian:12", &platform);		each image's
 *	rc = ohc_forecast_look(list, transports, cache, 5, err);
 *	s = ohc_forecast_find_base(list, "debian:12", &platform);
 *	if (s->known && !s->fault)
 *		... s->loaded.manifest ...
 *	ohc_forecast_sources_free(list);
 */
#ifndef OHC_COMPOSE_BAKE_FORECAST_LOOK_H
#define OHC_COMPOSE_BAKE_FORECAST_LOOK_H

#include <stdatomic.h>

#include "compose/payload/spec.h"
#include "compose/transports/load.h"
#include "compose/transports/transports.h"
#include "core/cache.h"

struct ohc_forecast_source {
	bool is_base;                 /* else a payload */
	struct ohc_payload_spec spec; /* of a base, too: an image for a platform */
	atomic_bool ended;            /* looking at it has ended; it is known if that was in time */
	bool known;                   /* the members below may be read */
	struct ohc_loaded loaded;     /* of an image that can be read and is not scratch */
	char *fault;                  /* why it cannot be read; NULL: it can */
	uint64_t requests, pulls;     /* that this took */
};

struct ohc_forecast_looking;

struct ohc_forecast_sources {
	struct ohc_forecast_source *v;
	size_t n;
	struct ohc_map *places;
	struct ohc_forecast_looking *looking; /* NULL: not begun */
};

struct ohc_forecast_sources *ohc_forecast_sources_new(void);

/* want: the platform of the image that is made; a payload may name another one. */
void ohc_forecast_add_base(struct ohc_forecast_sources *list, const char *name,
			   const struct ohc_platform *want);
void ohc_forecast_add_payload(struct ohc_forecast_sources *list, const char *text,
			      const struct ohc_platform *want);

/* Looks at all of them, several at a time, for so many seconds at most (0: until all are known).
 * No look is begun after that; those under way end behind, and theirs are not known.  Called once,
 * after all were added.  OHC_E_INTERRUPTED, else 0. */
int ohc_forecast_look(struct ohc_forecast_sources *list, struct ohc_transports *transports,
		      struct ohc_cache *cache, unsigned int seconds, struct ohc_error *err);

/* One that was added. */
const struct ohc_forecast_source *ohc_forecast_find_base(const struct ohc_forecast_sources *list,
							 const char *name,
							 const struct ohc_platform *want);
const struct ohc_forecast_source *ohc_forecast_find_payload(const struct ohc_forecast_sources *list,
							    const char *text,
							    const struct ohc_platform *want);

/* Waits for the looks that are under way.  Takes NULL. */
void ohc_forecast_sources_free(struct ohc_forecast_sources *list);

#endif
