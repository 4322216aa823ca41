/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--platform all`: finds the platforms of the base that are composed, and makes the index over the
 * results.
 *
 * They are those of the base's index; of a base that is one image, its own; of scratch, those that
 * payloads name.  A platform for which every payload names another one is left out.  The new index
 * is the base's, every field kept, with its entries replaced; entries about images that are not in
 * it any more (attestations) are dropped.
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

/* OHC_E_NOT_FOUND: no payload is for any platform of the base, or an image that is composed again
 * would lose one.  *ret must be zero; the caller
 * clears it also after a failure. */
int ohc_platforms_find(struct ohc_transports *transports, const struct ohc_inputs *in,
		       struct ohc_platforms *ret, struct ohc_error *err);
void ohc_platforms_clear(struct ohc_platforms *p);

/* An image that was made of one of the base's before. */
struct ohc_platforms_made {
	struct ohc_platform platform;
	const char *base;        /* the digest of the base's manifest, or NULL */
	struct ohc_descriptor d; /* its own */
};

/* The same out of images that were made before: what ohc_platforms_find() and _set() gave then.
 * base is the base's index, NULL where that was one image; family that of the new index.
 * OHC_E_FORMAT: it is no index. */
int ohc_platforms_restore(const struct ohc_document *base, const struct ohc_platforms_made *v,
			  size_t n, enum ohc_family family, struct ohc_platforms *ret,
			  struct ohc_error *err);

/* The i-th platform's image. */
void ohc_platforms_set(struct ohc_platforms *p, size_t i, const struct ohc_descriptor *manifest);

void ohc_platforms_write(const struct ohc_platforms *p, struct ohc_document *ret);

#endif
