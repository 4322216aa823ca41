/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new image's documents: the base's manifest and config with what push adds
 * (docs/design.md, "The image that comes out").
 *
 *	rc = ohc_image_check(&inputs, err);			compose/image/inputs.c does it
 *	rc = ohc_image_init(&image, &inputs, &base, env, n, err);	edits the config
 *	ohc_image_add_layer(&image, &layer, diff_id, "…");	payload layers, then the adapter's
 *	text = ohc_image_config_text(&image);			the config as it will be stored
 *	ohc_manifest_set_config(&image.manifest, &descriptor);
 *	ohc_manifest_write(&image.manifest, &document);
 */
#ifndef OHC_COMPOSE_IMAGE_IMAGE_H
#define OHC_COMPOSE_IMAGE_IMAGE_H

#include "compose/image/base.h"
#include "oci/config/config.h"

struct ohc_image {
	struct ohc_manifest manifest;
	json_t *config;
	char created[OHC_TIME_TEXT];
	char *edits; /* the edits of the config, for its history entry */
};

/* Tries all edits on an empty config, so that their faults show before any request.  Of the inputs
 * only the options, the platform and the profile are looked at. */
int ohc_image_check(const struct ohc_inputs *in, struct ohc_error *err);

/* The n lists of env, each of a payload, are set before the profile's.  *ret must be zero; the
 * caller clears it also after a failure. */
int ohc_image_init(struct ohc_image *ret, const struct ohc_inputs *in, const struct ohc_base *base,
		   const struct ohc_strv *env, size_t n, struct ohc_error *err);
void ohc_image_clear(struct ohc_image *image);

void ohc_image_add_layer(struct ohc_image *image, const struct ohc_descriptor *layer,
			 const char *diff_id, const char *created_by);

/* Adds the history entry of the edits; the caller frees the text. */
char *ohc_image_config_text(struct ohc_image *image);

#endif
