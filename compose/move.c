// SPDX-License-Identifier: Apache-2.0
#include "compose/move.h"

#include <string.h>

#include "core/alloc.h"
#include "core/parallel.h"
#include "oci/copy.h"

#define JOBS_DEFAULT 4
/* The adapter layer holds account files and links; it is made in memory. */
#define SMALL_MAX (16u << 20)

static bool dry(const struct ohc_move *m)
{
	return m->in->options->dry_run;
}

static bool same_registry(const struct ohc_inputs *in)
{
	return in->base.transport == OHC_REGISTRY && in->dest.transport == OHC_REGISTRY &&
	       strcmp(in->base.host, in->dest.host) == 0;
}

static const char *sent(const struct ohc_move *m)
{
	return m->in->dest.transport == OHC_REGISTRY ? "uploaded" : "written";
}

static int would_move_base(struct ohc_move *m, struct ohc_push_layer *l, struct ohc_error *err)
{
	bool there = ohc_media_is_foreign(l->d.media_type);
	int rc = there ? 0 : ohc_store_has_blob(m->dest, &l->d, &there, err);

	l->action = there ? "kept" : same_registry(m->in) ? "mounted" : "copied";
	return rc;
}

static int move_base(struct ohc_move *m, size_t i, struct ohc_error *err)
{
	struct ohc_push_layer *l = &m->layers[i].layer;
	enum ohc_copy_action action;
	int rc;

	l->role = "base";
	l->d = m->base->manifest.layers[i];
	if (dry(m))
		return would_move_base(m, l, err);
	rc = ohc_copy_blob(m->base->store, m->dest, &l->d, m->in->options->report, &action, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "base layer %s", l->d.digest);
	l->action = action == OHC_COPY_FOREIGN ? "kept" : ohc_copy_action_name(action);
	return 0;
}

/* To nowhere, for the digest. */
static int measure(struct ohc_move *m, struct ohc_source *src, struct ohc_push_layer *l,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(256 * 1024);
	char digest[OHC_DIGEST_MAX];
	int64_t size = 0;
	bool there = false;
	ssize_t n;

	while ((n = ohc_source_read(src, piece, 256 * 1024, err)) > 0) {
		ohc_hash_update(h, piece, (size_t)n);
		size += n;
	}
	if (n < 0)
		return (int)n;
	ohc_digest_end(h, OHC_SHA256, digest);
	ohc_descriptor_set(&l->d, m->media_type, digest, size);
	n = ohc_store_has_blob(m->dest, &l->d, &there, err);
	l->action = there ? "kept" : sent(m);
	return (int)n;
}

static int make_payload(struct ohc_move *m, const struct ohc_payload *p, struct ohc_task *task,
			struct ohc_moved *moved, struct ohc_error *err)
{
	struct ohc_tree tree = {
		.dir = p->dir,
		.prefix = p->target,
		.uid = m->in->uid,
		.gid = m->in->gid,
		.mtime = m->in->mtime,
		.time = m->in->mtime_time,
		.report = m->in->options->report,
		.task = task,
	};
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_tree_write, &tree, &m->in->codec, 0);
	struct ohc_push_layer *l = &moved->layer;
	int rc;

	l->role = "payload";
	l->action = sent(m);
	if (dry(m))
		rc = measure(m, src, l, err);
	else
		rc = ohc_store_put_blob(m->dest, src, NULL, m->media_type, &l->d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "payload '%s'", p->dir);
	ohc_layer_facts(src, &moved->facts);
	moved->files = tree.files;
	moved->read = tree.bytes;
	return 0;
}

static int move_payload(struct ohc_move *m, size_t i, struct ohc_error *err)
{
	const struct ohc_payload *p = &m->in->payloads[i];
	ohc_cleanup(ohc_freep) char *title = ohc_xasprintf("payload %s", p->target);
	struct ohc_task *task =
		ohc_task_begin(m->in->options->report, dry(m) ? "read" : "push", title, 0);
	struct ohc_moved *moved = &m->layers[m->base->manifest.n_layers + i];
	int rc = make_payload(m, p, task, moved, err);

	ohc_task_end(task, rc < 0 ? NULL : moved->layer.action);
	return rc;
}

/* The payloads first: they take longest. */
static int move_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct ohc_move *m = ctx;
	size_t payloads = m->in->n_payloads;

	return i < payloads ? move_payload(m, i, err) : move_base(m, i - payloads, err);
}

int ohc_move_layers(struct ohc_move *m, struct ohc_error *err)
{
	size_t jobs = m->in->options->jobs;

	return ohc_parallel(m->in->n_payloads + m->base->manifest.n_layers,
			    jobs ? jobs : JOBS_DEFAULT, move_one, m, err);
}

int ohc_move_small(struct ohc_move *m, ohc_layer_fn write, void *ctx, struct ohc_moved *moved,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(write, ctx, &m->in->codec, 1);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_push_layer *l = &moved->layer;
	bool there = false;
	int rc = ohc_source_read_all(src, SMALL_MAX, &bytes, err);

	if (rc < 0)
		return rc;
	ohc_layer_facts(src, &moved->facts);
	ohc_descriptor_of(&l->d, m->media_type, bytes.data, bytes.len);
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc == 0 && !there && !dry(m))
		rc = ohc_store_put_bytes(m->dest, bytes.data, bytes.len, m->media_type, &l->d, err);
	l->role = "adapter";
	l->action = there ? "kept" : sent(m);
	return rc < 0 ? ohc_error_wrap(err, rc, "adapter layer") : 0;
}
