/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer of the image in the making: whence it comes, and what became of it.  Either it lies in a
 * store (a base layer, a layer of a payload image), or it is made of a directory.
 */
#ifndef OHC_COMPOSE_PART_H
#define OHC_COMPOSE_PART_H

#include "compose/inputs.h"
#include "layout/layer.h"

struct ohc_part {
	/* One of the two: */
	struct ohc_store *from; /* layer.d lies there, as part of the image `name` */
	const struct ohc_name *name;
	const struct ohc_payload *tree; /* layer.d shows when it is made */

	struct ohc_push_layer layer;
	struct ohc_layer_facts facts; /* of payload and adapter layers */
	uint64_t files, read;         /* from a directory */
};

#endif
