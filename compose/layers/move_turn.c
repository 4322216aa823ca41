// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include "core/alloc.h"
#include "core/turns.h"

static bool move_at_once(const struct ohc_move *m, struct ohc_moved_layer *l)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };

	if (m->ask || m->dry_run)
		return false;
	ohc_move_look(m, l->d.digest, &memo);
	if (!ohc_move_is_mounted(m, l, &memo))
		return false;
	ohc_move_remember(m, &memo, &l->d, NULL);
	return true;
}

int ohc_move_in_turn(const struct ohc_move *m, struct ohc_part *part, ohc_move_fn send,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *turn = NULL;
	struct ohc_turns *turns;
	int rc;

	if (m->to->transport != OHC_REGISTRY)
		return send(m, part, err);
	if (move_at_once(m, &part->layer))
		return 0;
	turn = ohc_xasprintf("%s %s", m->to->host, part->layer.d.digest);
	turns = ohc_transports_copying(m->transports);
	ohc_turns_begin(turns, turn);
	rc = send(m, part, err);
	ohc_turns_end(turns, turn);
	return rc;
}
