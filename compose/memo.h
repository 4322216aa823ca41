/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a payload directory when it was pushed before (DESIGN.md §6, "Never read a payload
 * twice"): the descriptor of its layer, and the repositories where that was seen.
 *
 *	ohc_memo_look(&memo, cache, &inputs, &payload);		memo.found: use memo.known
 *	...
 *	ohc_memo_keep(&memo, &made, place);			after the layer was made
 *	ohc_memo_clear(&memo);
 *
 * The key is the stat fingerprint of the directory with everything else that the layer's bytes
 * depend on: target, owner, times, codec and its version.  Nothing is kept of a directory that was
 * written to moments ago (layout/fingerprint.h).
 */
#ifndef OHC_COMPOSE_MEMO_H
#define OHC_COMPOSE_MEMO_H

#include "compose/inputs.h"
#include "layout/cache.h"
#include "layout/layer.h"

struct ohc_memo_layer {
	struct ohc_descriptor d;
	struct ohc_layer_facts facts;
	struct ohc_strv places; /* "HOST/REPO", the latest first */
};

struct ohc_memo {
	struct ohc_cache *cache;
	char *key; /* NULL: nothing can be kept */
	bool found;
	struct ohc_memo_layer known;
};

/* *ret must be zero.  Without a cache, or where the directory cannot be read, nothing is found. */
void ohc_memo_look(struct ohc_memo *ret, struct ohc_cache *cache, const struct ohc_inputs *in,
		   const struct ohc_payload *p);

/* Remembers a layer; place (or NULL) joins those that are known of it. */
void ohc_memo_keep(struct ohc_memo *memo, const struct ohc_descriptor *d,
		   const struct ohc_layer_facts *facts, const char *place);
void ohc_memo_clear(struct ohc_memo *memo);

#endif
