/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers' way to the destination, several at a time: those that lie in a store are kept,
 * mounted or copied (oci/image/copy.h), the others are made on the way (layout/layer/pipeline.h).
 * Where either was seen in the destination's registry before, it is mounted from there
 * (compose/layers/memo.h), and nothing is read.
 *
 *	struct ohc_move m = { .rules = &rules, .dest = dest, .to = &name, … };
 *
 *	rc = ohc_move_parts(&m, parts.v, parts.n, err);
 *	... parts.v[i].layer.action ...
 *
 * A dry run asks what is there and makes the layers to know their digests, but writes nothing.
 */
#ifndef OHC_COMPOSE_LAYERS_MOVE_H
#define OHC_COMPOSE_LAYERS_MOVE_H

#include "compose/layers/part.h"
#include "compose/transports/transports.h"

struct ohc_move {
	struct ohc_transports *transports;
	const struct ohc_making_rules *rules;
	struct ohc_store *dest;
	const struct ohc_name *to; /* the destination's */
	const char *media_type;    /* of layers that are made */
	unsigned int jobs;         /* 0: the default */
	bool dry_run;
};

/* Fills in each part's layer and diff_id; of what was made, what was read, too. */
int ohc_move_parts(const struct ohc_move *m, struct ohc_part *parts, size_t n,
		   struct ohc_error *err);

#endif
