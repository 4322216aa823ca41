/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers the layers that were made or moved before (docs/design.md, "Never read a payload
 * twice"): the descriptor of each, and the repositories where it was seen.
 *
 *	key = ohc_memo_key(&rules, fingerprint);
 *	ohc_memo_look_made(&memo, &rules, key);		memo.found: use memo.known
 *	...
 *	ohc_memo_keep(&memo, &made, diff_id, repo);	after the layer was made
 *	ohc_memo_clear(&memo);
 *
 * The key is a fingerprint of the layer's content with everything else that its bytes depend on:
 * owner, times, codec and its version.  Files that were written to moments ago
 * (layout/layer/fingerprint.h) have no key, and are not remembered.
 *
 * For a layer that lies in another store the digest is the key, and only the repositories are kept:
 * ohc_memo_look().
 */
#ifndef OHC_COMPOSE_LAYERS_MEMO_H
#define OHC_COMPOSE_LAYERS_MEMO_H

#include "compose/layers/making.h"
#include "oci/documents/descriptor.h"

struct ohc_memo_layer {
	struct ohc_descriptor d;
	char diff_id[OHC_DIGEST_MAX]; /* "" where the layer was not made */
	char *seen;                   /* where (places.h); NULL: nowhere */
};

struct ohc_memo {
	struct ohc_cache *cache;
	char *key; /* NULL: nothing can be kept */
	bool found;
	struct ohc_memo_layer known;
	char *text; /* … as it is in the cache */

	const struct ohc_making_notes *notes; /* NULL: none are kept */
	char *noted;                          /* where they say that it was seen (places.h) */
	bool is_noted;
};

/* identifies the layer's entries.  The caller frees the key. */
char *ohc_memo_key(const struct ohc_making_rules *rules, const char *what);

/* *ret must be zero.  Without a cache or a key nothing is found, nor kept. */
void ohc_memo_look(struct ohc_memo *ret, struct ohc_cache *cache, const char *key);

/* The same for a layer that is made by the rules: in their cache, else in their notes. */
void ohc_memo_look_made(struct ohc_memo *ret, const struct ohc_making_rules *rules,
			const char *key);

/* Remembers a layer; diff_id NULL: it was not made.  repo (or NULL) joins those where it was
 * seen. */
void ohc_memo_keep(struct ohc_memo *memo, const struct ohc_descriptor *d, const char *diff_id,
		   const char *repo);
void ohc_memo_clear(struct ohc_memo *memo);

#endif
