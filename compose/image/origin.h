/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds, in an image's own composition, what it is composed of again: base and payloads
 * by digest, whatever their names name now.  It stands in for options of push that are not given.
 *
 *	struct ohc_origin origin = OHC_ORIGIN_INIT;
 *
 *	rc = ohc_origin_init(&origin, &composition, err);
 *	rc = ohc_origin_add(&origin, &image, err);		of an index each of its images
 *	origin.exact = true;
 *	options.origin = &origin;		and no base, payload or profile
 *	... ohc_inputs_read() takes it ...
 *	ohc_origin_clear(&origin);
 */
#ifndef OHC_COMPOSE_IMAGE_ORIGIN_H
#define OHC_COMPOSE_IMAGE_ORIGIN_H

#include "compose/payload/kept.h"
#include "compose/transports/load.h"

struct ohc_origin {
	/* Base, profile and version; of an index its first.  NULL: it was not read yet. */
	const struct ohc_composition *says;
	struct ohc_name base;       /* of a layout only its tag is known */
	struct ohc_holders holders; /* of base and payloads; the caller's */

	/* The image is made to be compared: nothing of it is judged, and what it says of times,
	 * program and codec stays as it is. */
	bool exact;

	struct ohc_payload_kept *payloads;
	size_t n_payloads;

	/* Of an index: what it has images for. */
	struct ohc_platform *platforms;
	size_t n_platforms;
	bool may_lose; /* some of them, where the base or the payload is no more */

	/* The image that the destination's name names, where that was read just now; NULL: it is
	 * asked. */
	const char *there;
};

#define OHC_ORIGIN_INIT       \
	{                     \
		.says = NULL, \
	}

/* Is it one that will say more than is known now? */
static inline bool ohc_origin_is_unread(const struct ohc_origin *origin)
{
	return origin && !origin->says;
}

/* An image whose payloads may be used again, as it lies in a store. */
struct ohc_origin_image {
	const struct ohc_composition *says;
	const struct ohc_loaded *loaded; /* NULL: no layer of it is to be used */
	struct ohc_store *store;
	const struct ohc_name *name;
	const struct ohc_platform *platform; /* of an index's: its payloads are for that alone */
};

/* says must stay.  OHC_E_FORMAT: it names what is no name.  The caller clears *ret also after a
 * failure of either. */
int ohc_origin_init(struct ohc_origin *ret, const struct ohc_composition *says,
		    struct ohc_error *err);

/* All that image has must stay, and the origin stay where it is. */
int ohc_origin_add(struct ohc_origin *origin, const struct ohc_origin_image *image,
		   struct ohc_error *err);
void ohc_origin_clear(struct ohc_origin *origin);

#endif
