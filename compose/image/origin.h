/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an image that is composed again is made of, out of its own composition: base and payloads
 * by digest, whatever their names name now.  It stands in for options of push that are not given.
 *
 *	struct ohc_origin origin = OHC_ORIGIN_INIT;
 *
 *	rc = ohc_origin_init(&origin, &composition, &loaded, store, &name, err);
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
	const struct ohc_composition *says;
	struct ohc_name base;       /* of a layout only its tag is known */
	struct ohc_holders holders; /* of base and payloads; the caller's */

	/* The image is made to be compared: nothing of it is judged, and what it says of times,
	 * program and codec stays as it is. */
	bool exact;

	struct ohc_payload_kept *payloads; /* as many as it says */
	struct ohc_name *names;            /* of their images */
};

#define OHC_ORIGIN_INIT       \
	{                     \
		.says = NULL, \
	}

/* says and the image's name and store must stay.  image: its manifest and config; NULL where no
 * layer of it is to be used.  OHC_E_FORMAT: it names what is no name. */
int ohc_origin_init(struct ohc_origin *ret, const struct ohc_composition *says,
		    const struct ohc_loaded *image, struct ohc_store *store,
		    const struct ohc_name *name, struct ohc_error *err);
void ohc_origin_clear(struct ohc_origin *origin);

#endif
