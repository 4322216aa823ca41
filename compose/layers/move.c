// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include <string.h>

#include "compose/layers/known.h"
#include "core/alloc.h"
#include "core/parallel.h"

#define JOBS_DEFAULT 4
#define LAST         SIZE_MAX /* in order: stands for what is made of all parts */

/* One run over parts. */
struct move_run {
	struct ohc_move m;
	struct ohc_part *parts;
	size_t *order;
	const struct ohc_move_last *last;
};

/* --- what they are, before they move --- */

/* Makes the layer's bytes, counts them and throws them away. */
static int settle_by_making(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	struct ohc_move dry = *m;
	int rc;

	dry.dry_run = true;
	rc = ohc_move_made(&dry, part, err);
	part->settled = rc == 0;
	return rc;
}

static void settle_made(const struct ohc_move *m, struct ohc_part *part)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = ohc_move_key(m, part);

	ohc_memo_look_made(&memo, m->rules, key);
	if (!memo.found || !*memo.known.diff_id)
		return;
	memcpy(part->diff_id, memo.known.diff_id, sizeof(part->diff_id));
	ohc_descriptor_set(&part->layer.d, m->media_type, memo.known.d.digest, memo.known.d.size);
	part->settled = true;
}

int ohc_move_settle(const struct ohc_move *m, struct ohc_part *parts, size_t n, bool measure,
		    bool *ret_all, struct ohc_error *err)
{
	bool all = true;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct ohc_part *p = &parts[i];

		if (p->kind == OHC_PART_STORED)
			p->settled = true;
		else if (p->kind == OHC_PART_SMALL)
			rc = ohc_move_settle_small(m, p, err);
		else
			settle_made(m, p);
		if (rc == 0 && !p->settled && measure)
			rc = settle_by_making(m, p, err);
		all &= p->settled;
	}
	*ret_all = all;
	return rc;
}

/* --- all of them --- */

static bool is_known(const struct ohc_part *p)
{
	return p->kind == OHC_PART_STORED || p->settled;
}

static int move_part(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	static int (*const moves[])(const struct ohc_move *, struct ohc_part *,
				    struct ohc_error *) = {
		[OHC_PART_STORED] = ohc_move_stored,
		[OHC_PART_PLAIN] = ohc_move_made,
		[OHC_PART_MADE] = ohc_move_made,
		[OHC_PART_SMALL] = ohc_move_small,
	};

	return moves[p->kind](m, p, err);
}

/* Did this run bring the layer to the destination, so that nothing is to be done, or remembered? */
static bool keep_noted(const struct ohc_move *m, struct ohc_part *p)
{
	const bool stays = p->kind == OHC_PART_STORED || (p->kind == OHC_PART_SMALL && p->settled);
	ohc_cleanup(ohc_freep) char *repo = ohc_move_here(m);

	if (!stays || m->ask || m->dry_run || !repo ||
	    !ohc_transports_noted(m->transports, repo, p->layer.d.digest))
		return false;
	p->layer.action = "kept";
	return true;
}

/* Moves what is made of all parts. */
static int move_last(const struct move_run *r, struct ohc_error *err)
{
	struct ohc_part p = { .kind = OHC_PART_SMALL, .settled = true };
	int rc = r->last->make(r->last->ctx, &p, err);

	if (rc == 0 && !r->m.dry_run && !keep_noted(&r->m, &p))
		rc = ohc_move_settled(&r->m, &p, err);
	ohc_buf_clear(&p.bytes);
	return rc;
}

static int move_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct move_run *r = ctx;
	int rc;

	if (r->order[i] == LAST)
		return ohc_known_wait(r->m.known) ? move_last(r, err) : 0;
	rc = move_part(&r->m, &r->parts[r->order[i]], err);
	if (rc < 0)
		ohc_known_never(r->m.known);
	return rc;
}

/* Layers that must be made come first: they take longest.  What is made of all waits until all
 * others have begun, where they are not known.  Returns how many are left to move. */
static size_t put_in_order(const struct move_run *r, size_t n, size_t missing)
{
	size_t k = 0;

	if (r->last && missing == 0)
		r->order[k++] = LAST;
	for (size_t i = 0; i < n; i++)
		if (r->parts[i].kind != OHC_PART_STORED && !keep_noted(&r->m, &r->parts[i]))
			r->order[k++] = i;
	for (size_t i = 0; i < n; i++)
		if (r->parts[i].kind == OHC_PART_STORED && !keep_noted(&r->m, &r->parts[i]))
			r->order[k++] = i;
	if (r->last && missing > 0)
		r->order[k++] = LAST;
	return k;
}

/* Archives read or write one blob at a time, so that no open connection waits meanwhile, and a
 * compressed archive is not read at several offsets at once. */
static bool is_serial(const struct ohc_move *m, const struct ohc_part *parts, size_t n)
{
	bool serial = m->dest->serial;

	for (size_t i = 0; i < n; i++)
		serial |= parts[i].kind <= OHC_PART_PLAIN && parts[i].stored.from->serial;
	return serial;
}

bool ohc_move_was_here(const struct ohc_move *m, const char *digest)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *repo = ohc_move_here(m);

	if (!repo || !m->rules->cache)
		return true;
	if (ohc_transports_noted(m->transports, repo, digest))
		return false;
	ohc_move_look(m, digest, &memo);
	return ohc_move_is_here(m, digest, &memo.known);
}

int ohc_move_parts(const struct ohc_move *m, struct ohc_part *parts, size_t n,
		   const struct ohc_move_last *last, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) size_t *order = ohc_xcalloc(n + 1, sizeof(*order));
	ohc_cleanup(ohc_known_clear) struct ohc_known known = OHC_KNOWN_INIT;
	struct move_run run = { *m, parts, order, last };
	size_t jobs = m->jobs ? m->jobs : JOBS_DEFAULT;

	for (size_t i = 0; i < n; i++)
		known.missing += !is_known(&parts[i]);
	run.m.known = &known;
	return ohc_parallel(put_in_order(&run, n, known.missing), is_serial(m, parts, n) ? 1 : jobs,
			    move_one, &run, err);
}
