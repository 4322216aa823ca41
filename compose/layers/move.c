// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move.h"

#include <stdio.h>
#include <string.h>

#include "compose/layers/known.h"
#include "compose/layers/memo.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "core/units.h"
#include "layout/rootfs/peek.h"
#include "oci/image/copy.h"
#include "oci/image/copy_compressed.h"

#define JOBS_DEFAULT 4
/* Gives up mounting after so many repositories, because each costs a request. */
#define MOUNTS_TRIED 2

#define LAST SIZE_MAX /* in order: what is made of all parts */

/* One run over parts. */
struct move_run {
	struct ohc_move m;
	struct ohc_part *parts;
	size_t *order;
	const struct ohc_move_last *last;
};

static bool same_registry(const struct ohc_name *a, const struct ohc_name *b)
{
	return a->transport == OHC_REGISTRY && b->transport == OHC_REGISTRY &&
	       strcmp(a->host, b->host) == 0;
}

/* The action of bytes that were sent. */
static const char *sent(const struct ohc_move *m)
{
	return m->to->transport == OHC_REGISTRY ? "uploaded" : "written";
}

/* --- from where a layer was seen --- */

/* The name under which the destination is remembered; NULL where it is no registry. */
static char *here(const struct ohc_move *m)
{
	return m->to->transport == OHC_REGISTRY ? ohc_xasprintf("%s/%s", m->to->host, m->to->repo)
						: NULL;
}

static bool is_near(const struct ohc_move *m, const char *repo)
{
	size_t n = strlen(m->to->host);

	return strncmp(repo, m->to->host, n) == 0 && repo[n] == '/' &&
	       strcmp(repo + n + 1, m->to->repo) != 0;
}

static bool mount_from(const struct ohc_move *m, const struct ohc_descriptor *d, const char *repo)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *from = NULL;
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf("docker://%s", repo);
	bool done = false;

	if (ohc_name_parse(text, &name, NULL) < 0 ||
	    ohc_transports_open(m->transports, &name, OHC_USE_OWN, &from, NULL) < 0)
		return false;
	if (m->dry_run)
		return ohc_store_has_blob(from, d, &done, NULL) == 0 && done;
	return ohc_store_mount_blob(m->dest, d, from, &done, NULL) == 0 && done;
}

/* False is no failure: the layer is copied or uploaded, then.  A dry run only asks whether it would
 * be mounted. */
static bool mount_seen(const struct ohc_move *m, const struct ohc_descriptor *d,
		       const struct ohc_memo_layer *known)
{
	size_t tried = 0;
	bool there = false;

	if (m->to->transport != OHC_REGISTRY)
		return false;
	for (size_t i = 0; !there && i < known->seen.n && tried < MOUNTS_TRIED; i++)
		if (is_near(m, known->seen.v[i])) {
			there = mount_from(m, d, known->seen.v[i]);
			tried++;
		}
	return there;
}

/* Did an earlier run bring it to the destination, or this one? */
static bool is_here(const struct ohc_move *m, const char *digest,
		    const struct ohc_memo_layer *known)
{
	ohc_cleanup(ohc_freep) char *repo = here(m);

	if (m->ask || !repo)
		return false;
	return ohc_strv_has(&known->seen, repo) ||
	       ohc_transports_noted(m->transports, repo, digest);
}

/* Warns that the layer could have been mounted, and was not. */
static int mount_refused(const struct ohc_move *m, const struct ohc_descriptor *d,
			 struct ohc_error *err)
{
	char size[OHC_UNITS_TEXT];

	ohc_units_bytes((uint64_t)d->size, size);
	if (m->require)
		return ohc_error_set(err, OHC_E_FAILED,
				     "registry '%s' does not mount layer %s (%s) into '%s', and "
				     "--mount require forbids to upload it",
				     m->to->host, d->digest, size, m->to->repo);
	ohc_report_say(m->rules->report, OHC_WARNING,
		       "registry '%s' does not mount layer %s into '%s': its %s are uploaded",
		       m->to->host, d->digest, m->to->repo, size);
	return 0;
}

/* Remembers that the layer is in the destination now; diff_id NULL: it was not made. */
static void remember(const struct ohc_move *m, struct ohc_memo *memo,
		     const struct ohc_descriptor *d, const char *diff_id)
{
	ohc_cleanup(ohc_freep) char *repo = m->dry_run ? NULL : here(m);

	ohc_memo_keep(memo, d, diff_id, repo);
	if (repo)
		ohc_transports_note(m->transports, repo, d->digest);
}

/* --- layers that are made --- */

/* A layer that is being made. */
struct made {
	const struct ohc_move *m;
	struct ohc_part *part;
	const struct ohc_source *entries; /* it is made of; NULL: of a plain layer */
	bool heard;
};

/* It was read to its end.  What it was first, or is known to be, it must be at last. */
static void hear(void *ctx, const struct ohc_descriptor *d)
{
	struct made *made = ctx;
	struct ohc_layer_result result;

	if (made->heard || made->part->settled)
		return;
	made->heard = true;
	made->part->layer.d = *d;
	if (made->entries) {
		ohc_layer_result(made->entries, &result);
		memcpy(made->part->diff_id, result.diff_id, sizeof(result.diff_id));
	}
	ohc_known_one(made->m->known);
}

/* Reads the layer for its digest, and sends it nowhere. */
static int measure(struct made *made, struct ohc_source *src, struct ohc_error *err)
{
	const struct ohc_move *m = made->m;
	struct ohc_moved_layer *l = &made->part->layer;
	char digest[OHC_DIGEST_MAX];
	struct ohc_descriptor d;
	bool there = false;
	int64_t size;
	int rc = ohc_digest_of_source(src, digest, &size, err);

	if (rc < 0)
		return rc;
	ohc_descriptor_set(&d, m->media_type, digest, size);
	hear(made, &d);
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	l->action = there ? "kept" : sent(m);
	return rc;
}

static int send_made(struct made *made, struct ohc_source *src, struct ohc_error *err)
{
	const struct ohc_move *m = made->m;
	struct ohc_moved_layer *l = &made->part->layer;
	const struct ohc_store_listener listener = { hear, made };
	struct ohc_descriptor d;
	int rc;

	l->action = sent(m);
	if (m->dry_run)
		return measure(made, src, err);
	rc = ohc_store_put_stream(m->dest, src, m->media_type, &listener, &d, err);
	if (rc < 0)
		return rc;
	hear(made, &d);
	if (strcmp(d.digest, l->d.digest) != 0)
		return ohc_error_set(err, OHC_E_FAILED,
				     "its files changed while they were sent: try again");
	return 0;
}

static int make_of_entries(const struct ohc_move *m, struct ohc_part *part, struct ohc_task *task,
			   struct ohc_error *err)
{
	const struct ohc_making *making = part->making;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(making->write, making->ctx, &m->rules->codec, 0);
	struct made made = { m, part, src, false };
	int rc;

	*making->task = task;
	rc = send_made(&made, src, err);
	if (rc < 0) {
		int failed = ohc_layer_failed(src, err);

		part->unread = failed < 0;
		return ohc_error_wrap(err, failed < 0 ? failed : rc, "%s", making->what);
	}
	part->files = *making->files;
	part->read = *making->bytes;
	if (making->index)
		ohc_peek_keep(m->rules->cache, making->hook, part->layer.d.digest, making->index);
	return 0;
}

/* Finds a layer that was made before in the destination, or mounts it from a repository where it
 * was seen. */
static int reuse(const struct ohc_move *m, const struct ohc_memo_layer *known,
		 struct ohc_part *part, bool *ret_done, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &part->layer;
	bool there = is_here(m, known->d.digest, known);
	int rc = 0;

	memcpy(part->diff_id, known->diff_id, sizeof(part->diff_id));
	ohc_descriptor_set(&l->d, m->media_type, known->d.digest, known->d.size);
	l->action = "kept";
	if (!there && !m->ask && !m->dry_run && mount_seen(m, &l->d, known)) {
		l->action = "mounted";
		there = true;
	}
	if (!there)
		rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return rc;
	if (!there && (m->ask || m->dry_run)) {
		l->action = "mounted";
		there = mount_seen(m, &l->d, known);
	}
	*ret_done = there;
	return 0;
}

/* A layer's diff ID is the digest of its plain bytes. */
static int make_of_plain(const struct ohc_move *m, struct ohc_part *part, struct ohc_task *task,
			 struct ohc_error *err)
{
	const struct ohc_descriptor *plain = &part->stored.plain;
	ohc_cleanup(ohc_copy_compressing_close) struct ohc_copy_compressing c = { .blob = NULL };
	struct made made = { m, part, NULL, false };
	int rc = ohc_copy_compressing_open(part->stored.from, plain, &m->rules->codec, task, &c,
					   err);

	if (!*part->diff_id)
		memcpy(part->diff_id, plain->digest, sizeof(part->diff_id));
	if (rc == 0)
		rc = send_made(&made, c.source, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "%s layer %s", part->layer.role, plain->digest) : 0;
}

/* The key of the layer; the caller frees it.  NULL: it is not remembered. */
static char *key_of(const struct ohc_move *m, const struct ohc_part *part)
{
	ohc_cleanup(ohc_freep) char *what = NULL;

	if (part->kind == OHC_PART_MADE)
		return ohc_xstrdup(part->making->key);
	what = ohc_xasprintf("plain %s", part->stored.plain.digest);
	return ohc_memo_key(m->rules, what);
}

static int prepare(struct ohc_part *part, struct ohc_error *err)
{
	const struct ohc_making *making = part->kind == OHC_PART_MADE ? part->making : NULL;
	int rc = making && making->prepare ? making->prepare(making->ctx, err) : 0;

	part->unread = rc < 0;
	return rc;
}

static struct ohc_task *begin_made(const struct ohc_move *m, const struct ohc_part *part)
{
	const bool plain = part->kind == OHC_PART_PLAIN;
	ohc_cleanup(ohc_freep) char *title =
		plain ? ohc_copy_blob_title(&part->stored.plain) : NULL;

	return ohc_task_begin(m->rules->report, m->dry_run ? "read" : "push",
			      plain ? title : part->making->title,
			      plain ? (uint64_t)part->stored.plain.size : *part->making->total);
}

static int make(const struct ohc_move *m, struct ohc_part *part, struct ohc_task *task,
		struct ohc_error *err)
{
	return part->kind == OHC_PART_PLAIN ? make_of_plain(m, part, task, err)
					    : make_of_entries(m, part, task, err);
}

/* Prepares the layer first, which tells how much there is to read. */
static int move_made(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = key_of(m, part);
	struct ohc_task *task;
	bool known, done = false;
	int rc;

	ohc_memo_look_made(&memo, m->rules, key);
	known = memo.found && *memo.known.diff_id;
	rc = known ? 0 : prepare(part, err);
	if (rc < 0)
		return rc;
	task = begin_made(m, part);
	if (known)
		rc = reuse(m, &memo.known, part, &done, err);
	if (rc == 0 && done && !part->settled)
		ohc_known_one(m->known);
	if (rc == 0 && known && !done)
		rc = prepare(part, err);
	if (rc == 0 && !done)
		rc = make(m, part, task, err);
	if (rc == 0)
		remember(m, &memo, &part->layer.d, part->diff_id);
	ohc_task_end(task, rc < 0 ? NULL : m->dry_run ? "done" : part->layer.action);
	return rc;
}

/* --- layers that lie in a store --- */

static int would_move(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool there = ohc_media_is_foreign(l->d.media_type);
	int rc = there ? 0 : ohc_store_has_blob(m->dest, &l->d, &there, err);

	l->action = there ? "kept" : same_registry(p->stored.name, m->to) ? "mounted" : "copied";
	return rc;
}

static bool same_repo(const struct ohc_name *a, const struct ohc_name *b)
{
	return same_registry(a, b) && strcmp(a->repo, b->repo) == 0;
}

/* Mounts it from the image that it is part of, or from a repository where it was seen. */
static int mount(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		 bool *ret_done, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool near = same_registry(p->stored.name, m->to), done = false;
	int rc = 0;

	if (near)
		rc = ohc_store_mount_blob(m->dest, &l->d, p->stored.from, &done, err);
	if (rc == 0 && !done && memo->found)
		done = mount_seen(m, &l->d, &memo->known);
	if (rc == 0 && !done && near)
		rc = mount_refused(m, &l->d, err);
	l->action = "mounted";
	*ret_done = done;
	return rc;
}

/* Moves a layer that is known to be here, or that can be mounted.  *ret_done: nothing is left to
 * do. */
static int move_known(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		      bool *ret_done, struct ohc_error *err)
{
	*ret_done = false;
	if (m->to->transport != OHC_REGISTRY || m->ask || m->dry_run)
		return 0;
	if (same_repo(p->stored.name, m->to) || is_here(m, p->layer.d.digest, &memo->known)) {
		p->layer.action = "kept";
		*ret_done = true;
		return 0;
	}
	return mount(m, p, memo, ret_done, err);
}

/* The same where the destination is asked first. */
static int move_asked(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		      bool *ret_done, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool there = false;
	int rc = 0;

	*ret_done = false;
	if (m->to->transport != OHC_REGISTRY || (!memo->found && !m->ask))
		return 0;
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return rc;
	l->action = there ? "kept" : "mounted";
	*ret_done = there || mount_seen(m, &l->d, &memo->known);
	return 0;
}

static int move_copy(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	enum ohc_copy_action action = OHC_COPY_FOREIGN;
	int rc;

	if (m->dry_run)
		return would_move(m, p, err);
	rc = ohc_copy_blob(p->stored.from, m->dest, &p->layer.d, m->rules->report, &action, err);
	p->layer.action = action == OHC_COPY_FOREIGN ? "kept" : ohc_copy_action_name(action);
	return rc;
}

/* Moves the layer without waiting for other threads. */
static int move_now(const struct ohc_move *m, struct ohc_part *p, struct ohc_memo *memo,
		    struct ohc_error *err)
{
	bool done = false;
	int rc = m->ask || m->dry_run ? move_asked(m, p, memo, &done, err)
				      : move_known(m, p, memo, &done, err);

	if (rc == 0 && !done)
		rc = move_copy(m, p, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s layer %s", p->layer.role, p->layer.d.digest);
	remember(m, memo, &p->layer.d, NULL);
	return 0;
}

/* A layer that lies in another registry is copied into the destination's once, and mounted by the
 * images that waited for it. */
static int move_stored(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("layer %s", l->d.digest), *turn = NULL;
	bool registry = m->to->transport == OHC_REGISTRY;
	struct ohc_turns *turns = NULL;
	int rc;

	if (ohc_media_is_foreign(l->d.media_type)) {
		l->action = "kept";
		return 0;
	}
	if (registry && !same_registry(p->stored.name, m->to)) {
		turn = ohc_xasprintf("%s %s", m->to->host, l->d.digest);
		turns = ohc_transports_copying(m->transports);
	}
	ohc_turns_begin(turns, turn);
	if (registry)
		ohc_memo_look(&memo, m->rules->cache, key);
	rc = move_now(m, p, &memo, err);
	ohc_turns_end(turns, turn);
	return rc;
}

/* --- small layers --- */

static int settle_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
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
	l->action = there ? "kept" : sent(m);
	if (rc == 0 && !there && !m->dry_run)
		rc = ohc_store_put_blob(m->dest, compressed, &l->d, NULL, NULL, err);
	return rc;
}

static int send_or_mount(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &part->layer;
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("layer %s", l->d.digest);
	int rc = 0;

	if (m->to->transport == OHC_REGISTRY)
		ohc_memo_look(&memo, m->rules->cache, key);
	if (is_here(m, l->d.digest, &memo.known))
		l->action = "kept";
	else if (memo.found && !m->ask && !m->dry_run && mount_seen(m, &l->d, &memo.known))
		l->action = "mounted";
	else
		rc = send_small(m, part, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s %s", l->role, l->d.digest);
	remember(m, &memo, &l->d, NULL);
	return 0;
}

/* Equal bases have the same adapter. */
static int send_settled(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *turn = NULL;
	struct ohc_turns *turns = NULL;
	int rc;

	if (m->to->transport == OHC_REGISTRY) {
		turn = ohc_xasprintf("%s %s", m->to->host, part->layer.d.digest);
		turns = ohc_transports_copying(m->transports);
	}
	ohc_turns_begin(turns, turn);
	rc = send_or_mount(m, part, err);
	ohc_turns_end(turns, turn);
	return rc;
}

static int move_small(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	int rc;

	if (!part->settled) {
		rc = settle_small(m, part, err);
		if (rc < 0)
			return rc;
		ohc_known_one(m->known);
	}
	return send_settled(m, part, err);
}

/* --- what they are, before they move --- */

/* Makes the layer's bytes, counts them and throws them away. */
static int settle_by_making(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	struct ohc_move dry = *m;
	int rc;

	dry.dry_run = true;
	rc = move_made(&dry, part, err);
	part->settled = rc == 0;
	return rc;
}

static void settle_made(const struct ohc_move *m, struct ohc_part *part)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = key_of(m, part);

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
			rc = settle_small(m, p, err);
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
		[OHC_PART_STORED] = move_stored,
		[OHC_PART_PLAIN] = move_made,
		[OHC_PART_MADE] = move_made,
		[OHC_PART_SMALL] = move_small,
	};

	return moves[p->kind](m, p, err);
}

/* Did this run bring the layer to the destination, so that nothing is to be done, or remembered? */
static bool keep_noted(const struct ohc_move *m, struct ohc_part *p)
{
	const bool stays = p->kind == OHC_PART_STORED || (p->kind == OHC_PART_SMALL && p->settled);
	ohc_cleanup(ohc_freep) char *repo = here(m);

	if (!stays || m->ask || m->dry_run || !repo ||
	    !ohc_transports_noted(m->transports, repo, p->layer.d.digest))
		return false;
	p->layer.action = "kept";
	return true;
}

/* Moves what is made of all parts. */
static int move_last(const struct move_run *r, struct ohc_error *err)
{
	struct ohc_parts one = { .n = 0 };
	struct ohc_part *p = ohc_parts_add(&one, OHC_PART_SMALL, "");
	int rc = r->last->make(r->last->ctx, p, err);

	p->settled = true;
	if (rc == 0 && !r->m.dry_run && !keep_noted(&r->m, p))
		rc = send_settled(&r->m, p, err);
	ohc_parts_clear(&one);
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
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("layer %s", digest), *repo = here(m);

	if (!repo || !m->rules->cache)
		return true;
	if (ohc_transports_noted(m->transports, repo, digest))
		return false;
	ohc_memo_look(&memo, m->rules->cache, key);
	return is_here(m, digest, &memo.known);
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
