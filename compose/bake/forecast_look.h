/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what can be known of bases and payload images before a bake (compose/bake/forecast.h). */
#ifndef OHC_COMPOSE_BAKE_FORECAST_LOOK_H
#define OHC_COMPOSE_BAKE_FORECAST_LOOK_H

#include "compose/transports/load.h"
#include "compose/transports/transports.h"
#include "core/cache.h"

struct ohc_forecast_image {
	const char *given; /* the name; must stay */
	struct ohc_name name;
	struct ohc_platform want;
	bool looked;
	struct ohc_loaded loaded; /* where it was looked at */
	char *fault;              /* why it could not be */
	uint64_t requests, pulls; /* that this took, or will take */
};

/* Looks at the first `sample` of them, several at a time.  OHC_E_INTERRUPTED, else 0. */
int ohc_forecast_look(struct ohc_transports *transports, struct ohc_cache *cache,
		      struct ohc_forecast_image *v, size_t n, size_t sample, unsigned int jobs,
		      struct ohc_error *err);
void ohc_forecast_look_clear(struct ohc_forecast_image *v, size_t n);

#endif
