/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds, before the first image is begun, what would make all of them fail, so that it is told once
 * and not a thousand times: a file of credentials that cannot be read, and a payload image of every
 * image that is not there.
 *
 *	rc = ohc_bake_ready(transports, images, n, &options, err);
 *
 * What is read of a payload is kept for the images (ohc_transports_hold()).
 */
#ifndef OHC_COMPOSE_BAKE_READY_H
#define OHC_COMPOSE_BAKE_READY_H

#include "compose/bake/bake.h"

/* Of the files no request is made.  A payload is asked for when an image is left that the journal
 * has not; one that cannot be reached just now is left to the images. */
int ohc_bake_ready(struct ohc_transports *transports, struct ohc_bake_image *const *images,
		   size_t n, const struct ohc_bake_options *o, struct ohc_error *err);

#endif
