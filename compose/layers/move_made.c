// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include <string.h>

#include "compose/layers/known.h"
#include "core/alloc.h"
#include "layout/rootfs/peek.h"
#include "oci/image/copy.h"
#include "oci/image/copy_compressed.h"

/* A layer that is being made. */
struct making_run {
	const struct ohc_move *m;
	struct ohc_part *part;
	const struct ohc_source *entries; /* it is made of; NULL: of a plain layer */
	bool heard;
};

/* It was read to its end.  What it was first, or is known to be, it must be at last. */
static void hear(void *ctx, const struct ohc_descriptor *d)
{
	struct making_run *made = ctx;
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
static int measure(struct making_run *made, struct ohc_source *src, struct ohc_error *err)
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
	l->action = there ? "kept" : ohc_move_sent(m);
	return rc;
}

static int send_made(struct making_run *made, struct ohc_source *src, struct ohc_error *err)
{
	const struct ohc_move *m = made->m;
	struct ohc_moved_layer *l = &made->part->layer;
	const struct ohc_store_listener listener = { hear, made };
	struct ohc_descriptor d;
	int rc;

	l->action = ohc_move_sent(m);
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
	struct making_run made = { m, part, src, false };
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
	bool there = ohc_move_is_here(m, known->d.digest, known);
	int rc = 0;

	memcpy(part->diff_id, known->diff_id, sizeof(part->diff_id));
	ohc_descriptor_set(&l->d, m->media_type, known->d.digest, known->d.size);
	l->action = "kept";
	if (!there && !m->ask && !m->dry_run && ohc_move_mount_seen(m, &l->d, known)) {
		l->action = "mounted";
		there = true;
	}
	if (!there)
		rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return rc;
	if (!there && (m->ask || m->dry_run)) {
		l->action = "mounted";
		there = ohc_move_mount_seen(m, &l->d, known);
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
	struct making_run made = { m, part, NULL, false };
	int rc = ohc_copy_compressing_open(part->stored.from, plain, &m->rules->codec, task, &c,
					   err);

	if (!*part->diff_id)
		memcpy(part->diff_id, plain->digest, sizeof(part->diff_id));
	if (rc == 0)
		rc = send_made(&made, c.source, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "%s layer %s", part->layer.role, plain->digest) : 0;
}

char *ohc_move_key(const struct ohc_move *m, const struct ohc_part *part)
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
int ohc_move_made(const struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	ohc_cleanup(ohc_freep) char *key = ohc_move_key(m, part);
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
		ohc_move_remember(m, &memo, &part->layer.d, part->diff_id);
	ohc_task_end(task, rc < 0 ? NULL : m->dry_run ? "done" : part->layer.action);
	return rc;
}
