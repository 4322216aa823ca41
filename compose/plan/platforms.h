/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--platform all`: which platforms of the base are composed, and the index over the results.
 *
 * The base's index says which there are; of a base that is one image, its own; of scratch, those
 * that payloads name.  A platform for which every payload names another one is left out.  The new
 * index is the base's, every field kept, with its entries replaced; entries that describe what is
 * gone (attestations) go with it.
 */
#ifndef OHC_COMPOSE_PLAN_PLATFORMS_H
#define OHC_COMPOSE_PLAN_PLATFORMS_H

#include "compose/image/inputs.h"
#include "compose/transports/transports.h"

struct ohc_platforms_one {
	struct ohc_platform platform;
	json_t *entry; /* in the new index */
};

struct ohc_platforms {
	struct ohc_platforms_one *v;
	size_t n;
	json_t *index;
	enum ohc_family family;
};

/* OHC_E_NOT_FOUND: no payload is for any platform of the base.  *ret must be zero; the caller
 * clears it also after a failure. */
int ohc_platforms_find(struct ohc_transports *transports, const struct ohc_inputs *in,
		       struct ohc_platforms *ret, struct ohc_error *err);
void ohc_platforms_clear(struct ohc_platforms *p);

/* The i-th platform's image. */
void ohc_platforms_set(struct ohc_platforms *p, size_t i, const struct ohc_descriptor *manifest);

void ohc_platforms_write(const struct ohc_platforms *p, struct ohc_document *ret);

#endif
