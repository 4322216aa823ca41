// SPDX-License-Identifier: Apache-2.0
#include "compose/move.h"

#include <string.h>

#include "core/alloc.h"
#include "core/parallel.h"
#include "oci/image/copy.h"

#define JOBS_DEFAULT 4
/* The adapter layer holds account files and links; it is made in memory. */
#define SMALL_MAX (16u << 20)

static bool same_registry(const struct ohc_name *a, const struct ohc_name *b)
{
	return a->transport == OHC_REGISTRY && b->transport == OHC_REGISTRY &&
	       strcmp(a->host, b->host) == 0;
}

const char *ohc_move_sent(const struct ohc_move *m)
{
	return m->in->dest.transport == OHC_REGISTRY ? "uploaded" : "written";
}

static int would_move(struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	struct ohc_push_layer *l = &p->layer;
	bool there = ohc_media_is_foreign(l->d.media_type);
	int rc = there ? 0 : ohc_store_has_blob(m->dest, &l->d, &there, err);

	l->action = there ? "kept" : same_registry(p->name, &m->in->dest) ? "mounted" : "copied";
	return rc;
}

/* What came from elsewhere once lies in the destination's registry, maybe in another repository.
 * *ret_done: nothing is left to do. */
static int move_seen(struct ohc_move *m, struct ohc_part *p, struct ohc_memo *memo, bool *ret_done,
		     struct ohc_error *err)
{
	struct ohc_push_layer *l = &p->layer;
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("layer %s", l->d.digest);
	bool there = false;
	int rc = 0;

	if (m->in->dest.transport != OHC_REGISTRY || same_registry(p->name, &m->in->dest) ||
	    ohc_media_is_foreign(l->d.media_type))
		return 0;
	ohc_memo_look(memo, m->in->options->cache, key);
	if (memo->found)
		rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s layer %s", l->role, l->d.digest);
	l->action = there ? "kept" : "mounted";
	*ret_done = there || (memo->found && ohc_move_mount(m, &l->d, &memo->known));
	return 0;
}

static int move_stored(struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	struct ohc_push_layer *l = &p->layer;
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	enum ohc_copy_action action;
	bool done = false;
	int rc = move_seen(m, p, &memo, &done, err);

	if (rc < 0)
		return rc;
	if (done) {
		ohc_move_remember(m, &memo, &l->d, NULL);
		return 0;
	}
	if (m->in->options->dry_run)
		return would_move(m, p, err);
	rc = ohc_copy_blob(p->from, m->dest, &l->d, m->in->options->report, &action, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s layer %s", l->role, l->d.digest);
	l->action = action == OHC_COPY_FOREIGN ? "kept" : ohc_copy_action_name(action);
	if (memo.key)
		ohc_move_remember(m, &memo, &l->d, NULL);
	return 0;
}

static int move_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct ohc_move *m = ctx;
	struct ohc_part *p = &m->parts[m->order[i]];

	if (p->making)
		return ohc_move_made(m, p->making, p, err);
	return p->tree ? ohc_move_tree(m, p, err) : move_stored(m, p, err);
}

/* What must be made comes first: it takes longest. */
static void put_in_order(const struct ohc_part *parts, size_t n, size_t *order)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!parts[i].from)
			order[k++] = i;
	for (size_t i = 0; i < n; i++)
		if (parts[i].from)
			order[k++] = i;
}

/* An archive gives or takes one blob at a time: nothing waits with an open connection meanwhile,
 * and a compressed one is not read in several places at once. */
static bool is_serial(const struct ohc_move *m, const struct ohc_part *parts, size_t n)
{
	bool serial = m->dest->serial;

	for (size_t i = 0; i < n; i++)
		serial |= parts[i].from && parts[i].from->serial;
	return serial;
}

int ohc_move_parts(struct ohc_move *m, struct ohc_part *parts, size_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) size_t *order = ohc_xcalloc(n, sizeof(*order));
	size_t jobs = m->in->options->jobs;

	put_in_order(parts, n, order);
	m->parts = parts;
	m->order = order;
	if (is_serial(m, parts, n))
		jobs = 1;
	return ohc_parallel(n, jobs ? jobs : JOBS_DEFAULT, move_one, m, err);
}

int ohc_move_small(struct ohc_move *m, ohc_layer_fn write, void *ctx, struct ohc_part *part,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(write, ctx, &m->in->codec, 1);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *packed = NULL;
	struct ohc_push_layer *l = &part->layer;
	bool there = false;
	int rc = ohc_source_read_all(src, SMALL_MAX, &bytes, err);

	if (rc < 0)
		return rc;
	ohc_layer_facts(src, &part->facts);
	packed = ohc_source_memory(bytes.data, bytes.len);
	ohc_descriptor_of(&l->d, m->media_type, bytes.data, bytes.len);
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc == 0 && !there && !m->in->options->dry_run)
		rc = ohc_store_put_blob(m->dest, packed, &l->d, NULL, NULL, err);
	l->role = "adapter";
	l->action = there ? "kept" : ohc_move_sent(m);
	return rc < 0 ? ohc_error_wrap(err, rc, "adapter layer") : 0;
}
