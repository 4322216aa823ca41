// SPDX-License-Identifier: Apache-2.0
#include "compose/image/move.h"

#include <string.h>

#include "compose/payload/facts.h"
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

/* --- layers that are made --- */

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
	if (ohc_transports_open(m->transports, &name, false, &from, NULL) < 0)
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

/* --- layers that lie in a store --- */

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
