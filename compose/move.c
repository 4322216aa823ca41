// SPDX-License-Identifier: Apache-2.0
#include "compose/move_impl.h"

#include <string.h>

#include "core/alloc.h"
#include "core/parallel.h"
#include "oci/copy.h"

#define JOBS_DEFAULT 4
/* The adapter layer holds account files and links; it is made in memory. */
#define SMALL_MAX (16u << 20)

static bool same_registry(const struct ohc_inputs *in)
{
	return in->base.transport == OHC_REGISTRY && in->dest.transport == OHC_REGISTRY &&
	       strcmp(in->base.host, in->dest.host) == 0;
}

const char *ohc_move_sent(const struct ohc_move *m)
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
	if (m->in->options->dry_run)
		return would_move_base(m, l, err);
	rc = ohc_copy_blob(m->base->store, m->dest, &l->d, m->in->options->report, &action, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "base layer %s", l->d.digest);
	l->action = action == OHC_COPY_FOREIGN ? "kept" : ohc_copy_action_name(action);
	return 0;
}

/* The payloads first: they take longest. */
static int move_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct ohc_move *m = ctx;
	size_t payloads = m->in->n_payloads;

	return i < payloads ? ohc_move_payload(m, i, err) : move_base(m, i - payloads, err);
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
	if (rc == 0 && !there && !m->in->options->dry_run)
		rc = ohc_store_put_bytes(m->dest, bytes.data, bytes.len, m->media_type, &l->d, err);
	l->role = "adapter";
	l->action = there ? "kept" : ohc_move_sent(m);
	return rc < 0 ? ohc_error_wrap(err, rc, "adapter layer") : 0;
}
