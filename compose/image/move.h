/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers' way to the destination, several at a time: what lies in a store is kept, mounted or
 * copied, what comes from elsewhere is made on the way (oci/image/copy.h, layout/layer/pipeline.h).
 * Where either was seen in the destination's registry before, it is mounted from there
 * (compose/payload/memo.h).
 *
 *	rc = ohc_move_parts(&m, parts, n, err);
 *	rc = ohc_move_small(&m, write_entries, ctx, &part, err);
 *
 * A dry run asks what is there and makes the layers to know their digests, but writes nothing.
 */
#ifndef OHC_COMPOSE_IMAGE_MOVE_H
#define OHC_COMPOSE_IMAGE_MOVE_H

#include "compose/payload/memo.h"
#include "compose/payload/part.h"
#include "compose/transports/transports.h"

struct ohc_move {
	struct ohc_transports *transports;
	const struct ohc_inputs *in;
	struct ohc_store *dest;
	const char *media_type; /* of layers that are made */
	struct ohc_part *parts; /* ohc_move_parts()' own */
	size_t *order;
};

/* Fills in what became of each part. */
int ohc_move_parts(struct ohc_move *m, struct ohc_part *parts, size_t n, struct ohc_error *err);

/* A small layer that is made in memory, and sent only where it is missing: the adapter's. */
int ohc_move_small(struct ohc_move *m, ohc_layer_fn write, void *ctx, struct ohc_part *ret,
		   struct ohc_error *err);

/* A part that is made; where that was done before, nothing is read (compose/payload/memo.h). */
int ohc_move_made(struct ohc_move *m, const struct ohc_making *making, struct ohc_part *part,
		  struct ohc_error *err);

/* The same of a directory. */
int ohc_move_tree(struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);

/* Mounts it from one of the places where it was seen, if that is in the destination's registry.
 * False is no failure: it goes the long way, then.  A dry run only asks whether it would be
 * done. */
bool ohc_move_mount(struct ohc_move *m, const struct ohc_descriptor *d,
		    const struct ohc_memo_layer *known);

/* It is in the destination now; facts NULL: it was not made. */
void ohc_move_remember(struct ohc_move *m, struct ohc_memo *memo, const struct ohc_descriptor *d,
		       const struct ohc_layer_facts *facts);

/* What became of bytes that were sent: "uploaded" or "written". */
const char *ohc_move_sent(const struct ohc_move *m);

#endif
