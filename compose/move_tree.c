// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "compose/memo.h"
#include "compose/move.h"
#include "compose/payload_facts.h"
#include "core/alloc.h"

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
	l->action = there ? "kept" : ohc_move_sent(m);
	return (int)n;
}

static int make(struct ohc_move *m, const struct ohc_making *making, struct ohc_part *part,
		struct ohc_task *task, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(making->write, making->ctx, &m->in->codec, 0);
	struct ohc_push_layer *l = &part->layer;
	int rc;

	*making->task = task;
	l->action = ohc_move_sent(m);
	if (m->in->options->dry_run)
		rc = measure(m, src, l, err);
	else
		rc = ohc_store_put_blob(m->dest, src, NULL, m->media_type, &l->d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s", making->what);
	ohc_layer_facts(src, &part->facts);
	part->files = *making->files;
	part->read = *making->bytes;
	return 0;
}

static bool mount_from(struct ohc_move *m, const struct ohc_descriptor *d, const char *place)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *from = NULL;
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	bool done = false;

	if (m->in->dest.transport != OHC_REGISTRY || ohc_name_parse(place, &name, NULL) < 0 ||
	    name.transport != OHC_REGISTRY || strcmp(name.host, m->in->dest.host) != 0)
		return false;
	if (ohc_places_open(m->places, &name, false, &from, NULL) < 0)
		return false;
	if (m->in->options->dry_run)
		return ohc_store_has_blob(from, d, &done, NULL) == 0 && done;
	return ohc_store_mount_blob(m->dest, d, from, &done, NULL) == 0 && done;
}

bool ohc_move_mount(struct ohc_move *m, const struct ohc_descriptor *d,
		    const struct ohc_memo_layer *known)
{
	bool there = false;

	for (size_t i = 0; !there && i < known->places.n; i++)
		there = mount_from(m, d, known->places.v[i]);
	return there;
}

void ohc_move_remember(struct ohc_move *m, struct ohc_memo *memo, const struct ohc_descriptor *d,
		       const struct ohc_layer_facts *facts)
{
	ohc_cleanup(ohc_freep) char *place = NULL;

	if (m->in->dest.transport == OHC_REGISTRY && !m->in->options->dry_run)
		place = ohc_xasprintf("%s/%s", m->in->dest.host, m->in->dest.repo);
	ohc_memo_keep(memo, d, facts, place);
}

/* A layer that was made before: it is there, or is mounted from where it was seen. */
static int reuse(struct ohc_move *m, const struct ohc_memo_layer *known, struct ohc_part *part,
		 bool *ret_done, struct ohc_error *err)
{
	struct ohc_push_layer *l = &part->layer;
	bool there = false;
	int rc;

	part->facts = known->facts;
	ohc_descriptor_set(&l->d, m->media_type, known->d.digest, known->d.size);
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return rc;
	l->action = there ? "kept" : "mounted";
	*ret_done = there || ohc_move_mount(m, &l->d, known);
	return 0;
}

int ohc_move_made(struct ohc_move *m, const struct ohc_making *making, struct ohc_part *part,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	bool dry = m->in->options->dry_run, done = false;
	struct ohc_task *task =
		ohc_task_begin(m->in->options->report, dry ? "read" : "push", making->title, 0);
	int rc = 0;

	ohc_memo_look(&memo, m->in->options->cache, making->key);
	if (memo.found && *memo.known.facts.diff_id)
		rc = reuse(m, &memo.known, part, &done, err);
	if (rc == 0 && !done && making->prepare)
		rc = making->prepare(making->ctx, err);
	if (rc == 0 && !done)
		rc = make(m, making, part, task, err);
	if (rc == 0)
		ohc_move_remember(m, &memo, &part->layer.d, &part->facts);
	ohc_task_end(task, rc < 0 ? NULL : dry ? "done" : part->layer.action);
	return rc;
}

static char *key_of(struct ohc_move *m, const struct ohc_payload *p)
{
	const char *fingerprint = ohc_payload_fingerprint(m->in, p);
	ohc_cleanup(ohc_freep) char *what = NULL;

	if (!fingerprint)
		return NULL;
	what = ohc_xasprintf("%s %s", fingerprint, p->target);
	return ohc_memo_key(m->in, what);
}

int ohc_move_tree(struct ohc_move *m, struct ohc_part *part, struct ohc_error *err)
{
	const struct ohc_payload *p = part->tree;
	ohc_cleanup(ohc_freep) char *title = ohc_xasprintf("payload %s", p->target);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("payload '%s'", p->source);
	ohc_cleanup(ohc_freep) char *key = key_of(m, p);
	struct ohc_from_dir tree = {
		.dir = p->source,
		.prefix = p->target,
		.uid = m->in->uid,
		.gid = m->in->gid,
		.mtime = m->in->mtime,
		.time = m->in->mtime_time,
		.report = m->in->options->report,
	};
	const struct ohc_making making = { .title = title,
					   .what = what,
					   .key = key,
					   .write = ohc_from_dir_write,
					   .ctx = &tree,
					   .task = &tree.task,
					   .files = &tree.files,
					   .bytes = &tree.bytes };

	return ohc_move_made(m, &making, part, err);
}
