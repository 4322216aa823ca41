/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A move, shared by move.c (all parts of it), move_seen.c (what is remembered of where layers are),
 * move_turn.c (what several images need), and a file for each kind of part: move_stored.c,
 * move_made.c, move_small.c.
 */
#ifndef OHC_COMPOSE_LAYERS_MOVE_INTERNAL_H
#define OHC_COMPOSE_LAYERS_MOVE_INTERNAL_H

#include "compose/layers/memo.h"
#include "compose/layers/move.h"

bool ohc_move_same_registry(const struct ohc_name *a, const struct ohc_name *b);

/* The action of bytes that were sent. */
const char *ohc_move_sent(const struct ohc_move *m);

/* The name under which the destination is remembered; NULL where it is no registry.  The caller
 * frees it. */
char *ohc_move_here(const struct ohc_move *m);

/* Looks up where the layer was seen; nothing is remembered of places that are no registry.  *ret
 * must be zero; the caller clears it. */
void ohc_move_look(const struct ohc_move *m, const char *digest, struct ohc_memo *ret);

/* Did an earlier run bring it to the destination, or this one? */
bool ohc_move_is_here(const struct ohc_move *m, const char *digest,
		      const struct ohc_memo_layer *known);

/* Mounts it from where it was seen.  False is no failure: the layer is copied or uploaded, then.  A
 * dry run only asks whether it would be mounted. */
bool ohc_move_mount_seen(const struct ohc_move *m, const struct ohc_descriptor *d,
			 const struct ohc_memo_layer *known);

/* Is the layer here, or mounted from where it was seen?  Sets its action then. */
bool ohc_move_is_mounted(const struct ohc_move *m, struct ohc_moved_layer *l,
			 const struct ohc_memo *memo);

/* Remembers that the layer is in the destination now; diff_id NULL: it was not made. */
void ohc_move_remember(const struct ohc_move *m, struct ohc_memo *memo,
		       const struct ohc_descriptor *d, const char *diff_id);

/* The key of a layer that is made; the caller frees it.  NULL: it is not remembered. */
char *ohc_move_key(const struct ohc_move *m, const struct ohc_part *part);

/* Learns what a small layer is by making it. */
int ohc_move_settle_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);

typedef int (*ohc_move_fn)(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);

/* Moves a layer that other images of the run may need, too.  Where it was seen in the registry all
 * mount it at once; elsewhere one of them sends it at a time, and who waited looks again. */
int ohc_move_in_turn(const struct ohc_move *m, struct ohc_part *part, ohc_move_fn send,
		     struct ohc_error *err);

/* Move one part of the kind. */
int ohc_move_stored(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err);
int ohc_move_made(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);
int ohc_move_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);

/* The same for a small one that is settled. */
int ohc_move_settled(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err);

#endif
