/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of push and pack: the image that they made, as a struct and as the object of --json.
 *
 *	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
 *
 *	ohc_image_result_start(&r);				the clock runs
 *	...
 *	ohc_image_result_set(&r, &inputs, dest, &document.d);	and stops
 *	ohc_image_result_add_parts(&r, &parts);
 *	ohc_image_result_add_store(&r, base.store);
 *	... r.manifest.digest, r.layers ...
 *	json = ohc_image_result_json(&r);
 *	ohc_image_result_clear(&r);
 */
#ifndef OHC_COMPOSE_IMAGE_RESULT_H
#define OHC_COMPOSE_IMAGE_RESULT_H

#include "compose/image/inputs.h"
#include "compose/layers/part.h"
#include "oci/documents/json.h"

struct ohc_image_result {
	char *name; /* DEST, as it was given */
	struct ohc_descriptor manifest;
	bool there;                   /* everything was there, and nothing was written */
	bool all_platforms;           /* manifest is an index, layers are those of all images */
	struct ohc_platform platform; /* of the first image */
	struct ohc_moved_layer *layers;
	size_t n_layers;
	uint64_t payload_files; /* regular files read from payload directories */
	uint64_t bytes_read, bytes_downloaded, bytes_uploaded, requests;
	double seconds;
};

#define OHC_IMAGE_RESULT_INIT \
	{                     \
		.name = NULL  \
	}

void ohc_image_result_start(struct ohc_image_result *r);

/* manifest describes the document that the tags name; dest is the store that was written to. */
void ohc_image_result_set(struct ohc_image_result *r, const struct ohc_inputs *in,
			  const struct ohc_store *dest, const struct ohc_descriptor *manifest);

void ohc_image_result_add_parts(struct ohc_image_result *r, const struct ohc_parts *parts);

/* Adds what was read from a store, which may be NULL. */
void ohc_image_result_add_store(struct ohc_image_result *r, const struct ohc_store *from);

void ohc_image_result_clear(struct ohc_image_result *r);

/* The object of `push --json` (docs/cli.md). */
json_t *ohc_image_result_json(const struct ohc_image_result *r);

#endif
