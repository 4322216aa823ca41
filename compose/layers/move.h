/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves layers to the destination, several at a time: those that lie in a store are kept, mounted
 * or copied (oci/image/copy.h), the others are made on the way (layout/layer/pipeline.h). A layer
 * that was seen in the destination's registry before is mounted from there (compose/layers/memo.h),
 * and nothing is read.
 *
 *	struct ohc_move m = { .rules = &rules, .dest = dest, .to = &name, … };
 *
 *	rc = ohc_move_settle(&m, parts.v, parts.n, false, &all, err);
 *	... where all are settled the image's digest is known, and nothing was asked or sent ...
 *	rc = ohc_move_parts(&m, parts.v, parts.n, &config, err);
 *	... parts.v[i].layer.action ...
 *
 * Registries count requests, so known things are not asked for.  A blob of the base's own
 * repository, or one that an earlier run brought to the destination, is assumed to be there; one
 * that was seen elsewhere in the registry is mounted without asking first, because the answer is
 * the same.  Where such knowledge is out of date, the registry refuses the manifest, and the caller
 * moves the parts once more with `ask`.
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
	bool ask;                /* do not rely on what earlier runs saw */
	bool require;            /* a mount that is refused is an error, not an upload */
	struct ohc_known *known; /* ohc_move_parts()'s own */
};

/* Makes what is made of all parts: an image's config.  It is moved beside them, once it is known
 * what each is; of a layer that is made that is when its last byte was read, before the destination
 * has said that it has it. */
struct ohc_move_last {
	/* Fills in a small part: role, layer.d and bytes.  Each part's layer.d and diff_id are set.
	 * In any thread, once. */
	int (*make)(void *ctx, struct ohc_part *ret, struct ohc_error *err);
	void *ctx;
};

/* Learns the descriptor and diff ID of those parts of which they can be known without a request.
 * measure: layers that were not made before are made to learn it, and their bytes thrown away.
 * *ret_all: all parts are known now. */
int ohc_move_settle(const struct ohc_move *m, struct ohc_part *parts, size_t n, bool measure,
		    bool *ret_all, struct ohc_error *err);

/* Did an earlier run of this machine bring the blob to the destination?  Also true where that is
 * not known.  One that this run brought was not there, and nothing that refers to it. */
bool ohc_move_was_here(const struct ohc_move *m, const char *digest);

/* Fills in each part's layer and diff_id, and for a layer that was made also what was read.
 * last: NULL where nothing is made of them; of a dry run it is made and not moved. */
int ohc_move_parts(const struct ohc_move *m, struct ohc_part *parts, size_t n,
		   const struct ohc_move_last *last, struct ohc_error *err);

#endif
