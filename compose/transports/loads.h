/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the images that a run has read last, so that a base or a payload of many is parsed once.
 *
 *	struct ohc_loads *loads = ohc_loads_new();
 *
 *	if (!ohc_loads_find(loads, digest, &platform, &image)) {
 *		... reads it ...
 *		ohc_loads_keep(loads, digest, &platform, &image);
 *	}
 *	ohc_loads_free(loads);
 *
 * The digest is that of what was named, which may be an index; then the platform chooses from it.
 * What is found shares its documents with all who found it: nobody edits them.  May be used from
 * several threads.
 */
#ifndef OHC_COMPOSE_TRANSPORTS_LOADS_H
#define OHC_COMPOSE_TRANSPORTS_LOADS_H

#include "compose/transports/load.h"

#define OHC_LOADS_MAX 64 /* images, each of which may be some hundred kilobytes when parsed */

struct ohc_loads;

struct ohc_loads *ohc_loads_new(void);
void ohc_loads_free(struct ohc_loads *l);

/* *ret must be zero, and is the caller's. */
bool ohc_loads_find(struct ohc_loads *l, const char *digest, const struct ohc_platform *want,
		    struct ohc_loaded *ret);
void ohc_loads_keep(struct ohc_loads *l, const char *digest, const struct ohc_platform *want,
		    const struct ohc_loaded *image);

#endif
