/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What push and pack tell of an image that they made, as a struct and as the object of --json.
 *
 *	struct ohc_push_result r = OHC_PUSH_RESULT_INIT;
 *
 *	... r.manifest.digest, r.layers ...
 *	json = ohc_push_result_json(&r);
 *	ohc_push_result_clear(&r);
 */
#ifndef OHC_COMPOSE_IMAGE_RESULT_H
#define OHC_COMPOSE_IMAGE_RESULT_H

#include "compose/payload/part.h"
#include "oci/documents/platform.h"
#include "oci/documents/json.h"

struct ohc_push_result {
	char *name; /* DEST, as it was given */
	struct ohc_descriptor manifest;
	bool all_platforms;           /* manifest is an index, layers are those of all images */
	struct ohc_platform platform; /* of the first image */
	struct ohc_push_layer *layers;
	size_t n_layers;
	uint64_t payload_files; /* regular files read from payload directories */
	uint64_t bytes_read, bytes_downloaded, bytes_uploaded, requests;
	double seconds;
};

#define OHC_PUSH_RESULT_INIT \
	{                    \
		.name = NULL \
	}

void ohc_push_result_clear(struct ohc_push_result *r);

/* The object of `push --json` (CLI.md). */
json_t *ohc_push_result_json(const struct ohc_push_result *r);

#endif
