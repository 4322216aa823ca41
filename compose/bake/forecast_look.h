/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what can be known of bases and payloads before a bake (compose/bake/forecast.h).
 *
 *	struct ohc_forecast_sources bases = { .n = 0 };
 *
 *	ohc_forecast_look_add_base(&bases, "debian:12", &platform);		each image's
 *	rc = ohc_forecast_look(transports, cache, &bases, 8, err);
 *	s = ohc_forecast_look_find(&bases, "debian:12", &platform);
 *	... s->loaded.manifest ...
 *	ohc_forecast_look_clear(&bases);
 */
#ifndef OHC_COMPOSE_BAKE_FORECAST_LOOK_H
#define OHC_COMPOSE_BAKE_FORECAST_LOOK_H

#include "compose/payload/spec.h"
#include "compose/transports/load.h"
#include "compose/transports/transports.h"
#include "core/cache.h"
#include "core/map.h"

struct ohc_forecast_source {
	struct ohc_payload_spec spec; /* of a base, too: an image for a platform */
	struct ohc_loaded loaded;     /* of an image that can be read and is not scratch */
	char *fault;                  /* why it cannot be read; NULL: it can */
	uint64_t requests, pulls;     /* that this took */
};

struct ohc_forecast_sources {
	struct ohc_forecast_source *v;
	size_t n, faulty;
	struct ohc_map *places;
};

/* Each once.  want: the platform of the image that is made; a payload may name another one. */
void ohc_forecast_look_add_base(struct ohc_forecast_sources *list, const char *name,
				const struct ohc_platform *want);
void ohc_forecast_look_add_payload(struct ohc_forecast_sources *list, const char *text,
				   const struct ohc_platform *want);

/* Looks at all of them, `jobs` at a time.  OHC_E_INTERRUPTED, else 0. */
int ohc_forecast_look(struct ohc_transports *transports, struct ohc_cache *cache,
		      struct ohc_forecast_sources *list, unsigned int jobs, struct ohc_error *err);

/* One that was added. */
const struct ohc_forecast_source *ohc_forecast_look_find(const struct ohc_forecast_sources *list,
							 const char *text,
							 const struct ohc_platform *want);
void ohc_forecast_look_clear(struct ohc_forecast_sources *list);

#endif
