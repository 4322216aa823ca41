/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last steps of every image, once its layers are in the destination, for push and pack alike:
 * its config, its manifest, and the tags by which it can be seen.
 *
 *	rc = ohc_finish_manifest(dest, &inputs, &image, &manifest, err);
 *	...					an index over several, where it is one of them
 *	rc = ohc_finish_tags(dest, &inputs, &manifest, err);
 *
 * A dry run does all but writing.
 */
#ifndef OHC_COMPOSE_IMAGE_FINISH_H
#define OHC_COMPOSE_IMAGE_FINISH_H

#include "compose/image/image.h"

/* Stores the config, and makes the manifest's document of it; the caller clears *ret. */
int ohc_finish_manifest(struct ohc_store *dest, const struct ohc_inputs *in,
			struct ohc_image *image, struct ohc_document *ret, struct ohc_error *err);

/* Stores what the tags name, a manifest or an index, by all of them.  From here on the image can be
 * seen.  Says so where few tools will see it. */
int ohc_finish_tags(struct ohc_store *dest, const struct ohc_inputs *in,
		    const struct ohc_document *top, struct ohc_error *err);

#endif
