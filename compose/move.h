/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers' way to the destination, several at a time: base layers kept, mounted or copied,
 * payload layers made on the way (oci/copy.h, layout/layer.h).
 *
 *	rc = ohc_move_layers(&m, err);
 *	rc = ohc_move_made(&m, &layer, write_entries, ctx, title, &bytes, err);
 *
 * A dry run asks what is there and makes the layers to know their digests, but writes nothing.
 */
#ifndef OHC_COMPOSE_MOVE_H
#define OHC_COMPOSE_MOVE_H

#include "compose/base.h"
#include "layout/layer.h"

/* A layer of the new image: what became of it. */
struct ohc_moved {
	struct ohc_push_layer layer;
	struct ohc_layer_facts facts; /* of layers that were made */
	uint64_t files, read;         /* from the payload's directory */
};

struct ohc_move {
	struct ohc_places *places;
	const struct ohc_inputs *in;
	const struct ohc_base *base;
	struct ohc_store *dest;
	const char *media_type;   /* of layers that are made */
	struct ohc_moved *layers; /* base layers, then payloads: room for all, zero */
};

int ohc_move_layers(struct ohc_move *m, struct ohc_error *err);

/* A small layer that is made in memory, and sent only where it is missing: the adapter's. */
int ohc_move_small(struct ohc_move *m, ohc_layer_fn write, void *ctx, struct ohc_moved *ret,
		   struct ohc_error *err);

#endif
