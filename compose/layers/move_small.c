// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include <string.h>

#include "compose/layers/known.h"
#include "core/alloc.h"

int ohc_move_settle_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	const struct ohc_codec codec = ohc_making_small_codec(m->rules);
	struct ohc_layer_result made;
	int rc = ohc_layer_kept_get(part->small.kept, part->small.write, part->small.ctx, &codec,
				    &part->bytes, &made, err);

	if (rc < 0)
		return rc;
	memcpy(part->diff_id, made.diff_id, sizeof(part->diff_id));
	ohc_descriptor_of(&part->layer.d, m->media_type, part->bytes.data, part->bytes.len);
	part->settled = true;
	return 0;
}

/* The layer is small: asking whether it is there would cost as much as sending it. */
static int send_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *compressed =
		ohc_source_memory(part->bytes.data, part->bytes.len);
	struct ohc_moved_layer *l = &part->layer;
	bool there = false;
	int rc = 0;

	if (m->ask || m->dry_run || m->to->transport != OHC_REGISTRY)
		rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	l->action = there ? "kept" : ohc_move_sent(m);
	if (rc == 0 && !there && !m->dry_run)
		rc = ohc_store_put_blob(m->dest, compressed, &l->d, NULL, NULL, err);
	return rc;
}

static int send_or_mount(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &part->layer;
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	int rc = 0;

	ohc_move_look(m, l->d.digest, &memo);
	if (!ohc_move_is_mounted(m, l, &memo))
		rc = send_small(m, part, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s %s", l->role, l->d.digest);
	ohc_move_remember(m, &memo, &l->d, NULL);
	return 0;
}

/* Equal bases have the same adapter. */
int ohc_move_settled(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	return ohc_move_in_turn(m, part, send_or_mount, err);
}

int ohc_move_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	int rc;

	if (!part->settled) {
		rc = ohc_move_settle_small(m, part, err);
		if (rc < 0)
			return rc;
		ohc_known_one(m->known);
	}
	return ohc_move_settled(m, part, err);
}
