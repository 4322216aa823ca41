// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "layout/layer/assembly_internal.h"
#include "layout/layer/pyc.h"
#include "layout/rootfs/indexer.h"

#define PIECE (256 * 1024)

struct assembly_writing {
	struct ohc_assembly_layer *layer;
	ohc_assembly_bytes_fn fn; /* gets the bytes of files */
	void *ctx;
	unsigned char *piece;
	struct ohc_indexer *indexer; /* NULL: no index is made, or none can be */
};

static void indexed(struct assembly_writing *k, int rc)
{
	if (rc < 0)
		ohc_indexer_free(ohc_take(k->indexer));
}

static int to_tar(void *w, const void *data, size_t n, struct ohc_error *err)
{
	return ohc_tar_write_data(w, data, n, err);
}

static int64_t time_of(const struct ohc_assembly_layer *l, int64_t mtime)
{
	return ohc_mtime_of(l->mtime, l->time, mtime);
}

static bool find_source(void *ctx, const char *path, int64_t *ret_mtime, uint64_t *ret_size)
{
	const struct ohc_assembly_layer *l = ctx;
	ohc_cleanup(ohc_freep) char *absolute = ohc_xasprintf("/%s", path);
	const struct ohc_assembly_entry *source = ohc_assembly_entry_of(l->assembly, absolute);

	if (!source || !source->node)
		return false;
	*ret_mtime = source->node->mtime;
	*ret_size = ohc_assembly_node_size(source->node);
	return true;
}

static void retime_bytecode(struct assembly_writing *k, const struct ohc_assembly_entry *e,
			    size_t n)
{
	const struct ohc_pyc_tree tree = { k->layer->mtime, k->layer->time, find_source, k->layer };

	ohc_pyc_retime(&tree, e->path, k->piece, n);
}

static int write_data(struct assembly_writing *k, const struct ohc_assembly_entry *e,
		      struct ohc_error *err)
{
	struct ohc_assembly_reader r;
	bool first = true;
	ssize_t n;
	int rc = ohc_assembly_open(e->node, &r, err);

	if (rc < 0)
		return rc;
	while (rc == 0 && (n = ohc_assembly_next(&r, k->piece, PIECE, err)) != 0) {
		if (n < 0) {
			rc = (int)n;
			break;
		}
		if (first)
			retime_bytecode(k, e, (size_t)n);
		first = false;
		rc = k->fn(k->ctx, k->piece, (size_t)n, err);
		if (k->indexer)
			indexed(k, ohc_indexer_data(k->indexer, k->piece, (size_t)n, NULL));
		k->layer->bytes += (uint64_t)n;
		ohc_task_advance(k->layer->task, (uint64_t)n);
	}
	ohc_assembly_close(&r);
	return rc;
}

static int write_header(struct assembly_writing *k, const struct ohc_tar_entry *t,
			struct ohc_error *err)
{
	if (k->indexer)
		indexed(k, ohc_indexer_begin(k->indexer, t, NULL));
	return ohc_tar_write_header(k->ctx, t, err);
}

static int write_file(struct assembly_writing *k, const struct ohc_assembly_entry *e,
		      struct ohc_tar_entry *t, struct ohc_error *err)
{
	struct ohc_assembly_node *node = e->node;
	int rc;

	t->mode = S_IFREG | node->mode;
	t->mtime = time_of(k->layer, node->mtime);
	if (node->written) {
		t->hardlink = true;
		t->link = node->written;
		return write_header(k, t, err);
	}
	t->xattrs = node->xattrs;
	t->n_xattrs = node->n_xattrs;
	t->size = (int64_t)ohc_assembly_node_size(node);
	rc = write_header(k, t, err);
	if (rc == 0)
		rc = write_data(k, e, err);
	node->written = e->path;
	k->layer->files++;
	return rc;
}

static int write_entry(struct assembly_writing *k, const struct ohc_assembly_entry *e,
		       struct ohc_error *err)
{
	const struct ohc_assembly_layer *l = k->layer;
	struct ohc_tar_entry t = { .path = e->path,
				   .link = e->link,
				   .mode = e->mode,
				   .uid = l->uid,
				   .gid = l->gid,
				   .mtime = time_of(l, e->mtime),
				   .xattrs = e->xattrs,
				   .n_xattrs = e->n_xattrs };
	int rc = e->node ? write_file(k, e, &t, err) : write_header(k, &t, err);

	if (k->indexer)
		indexed(k, ohc_indexer_end(k->indexer, NULL));
	return rc;
}

int ohc_assembly_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err)
{
	struct ohc_assembly_layer *l = ctx;
	struct ohc_assembly *b = l->assembly;
	struct assembly_writing k = {
		.layer = l,
		.fn = to_tar,
		.ctx = w,
		.piece = ohc_xmalloc(PIECE),
		.indexer = l->scan ? ohc_indexer_new(l->scan) : NULL,
	};
	int rc = 0;

	l->files = l->bytes = 0;
	ohc_layer_index_clear(&l->index);
	ohc_assembly_sort(b);
	for (struct ohc_assembly_node *n = b->nodes; n; n = n->next)
		n->written = NULL;
	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = write_entry(&k, &b->v[i], err);
	if (rc == 0 && k.indexer)
		ohc_indexer_take(k.indexer, &l->index);
	ohc_indexer_free(k.indexer);
	free(k.piece);
	return rc;
}

int ohc_assembly_feed(const struct ohc_assembly_layer *layer, const char *path,
		      ohc_assembly_bytes_fn fn, void *ctx, struct ohc_error *err)
{
	const struct ohc_assembly_entry *e = ohc_assembly_own_entry(layer->assembly, path);
	struct ohc_assembly_layer mine = *layer;
	struct assembly_writing k = { .layer = &mine, .fn = fn, .ctx = ctx };
	int rc;

	if (!e || !e->node)
		return ohc_error_set(err, OHC_E_FAILED, "'%s' is no file", path);
	mine.task = NULL;
	k.piece = ohc_xmalloc(PIECE);
	rc = write_data(&k, e, err);
	free(k.piece);
	return rc;
}

static void add(struct ohc_hash *h, const void *data, size_t n)
{
	const uint64_t size = n;

	ohc_hash_update(h, &size, sizeof(size));
	ohc_hash_update(h, data, n);
}

static void add_text(struct ohc_hash *h, const char *s)
{
	add(h, s ? s : "", s ? strlen(s) + 1 : 0);
}

static void add_xattrs(struct ohc_hash *h, const struct ohc_xattr *v, size_t n)
{
	add(h, &n, sizeof(n));
	for (size_t i = 0; i < n; i++) {
		add_text(h, v[i].name);
		add(h, v[i].value, v[i].size);
	}
}

static void add_node(struct ohc_hash *h, const struct ohc_assembly_node *n, time_t now,
		     bool *settled)
{
	const uint64_t numbers[] = {
		n->kind,
		n->mode,
		(uint64_t)n->mtime,
		n->size,
		n->kind == OHC_CONTENT_FILE ? n->st.dev : 0,
		n->kind == OHC_CONTENT_FILE ? n->st.ino : 0,
		(uint64_t)n->st.mtime.tv_sec,
		(uint64_t)n->st.mtime.tv_nsec,
		(uint64_t)n->st.ctime.tv_sec,
		(uint64_t)n->st.ctime.tv_nsec,
	};

	add(h, numbers, sizeof(numbers));
	add_text(h, n->path);
	add_xattrs(h, n->xattrs, n->n_xattrs);
	if (n->kind == OHC_CONTENT_BYTES)
		add(h, n->bytes, n->size);
	if (n->patch) {
		add(h, &n->patch->size, sizeof(n->patch->size));
		for (size_t i = 0; i < n->patch->n; i++) {
			add(h, &n->patch->v[i].offset, sizeof(n->patch->v[i].offset));
			add(h, n->patch->v[i].data, n->patch->v[i].n);
		}
	}
	if (n->kind == OHC_CONTENT_SPOOL ||
	    (n->kind == OHC_CONTENT_FILE && !ohc_stamp_is_settled(&n->st, now)))
		*settled = false;
}

void ohc_assembly_fingerprint(struct ohc_assembly *b, char ret[OHC_DIGEST_MAX], bool *ret_settled)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	time_t now = time(NULL);

	*ret_settled = true;
	ohc_assembly_sort(b);
	for (struct ohc_assembly_node *n = b->nodes; n; n = n->next)
		n->written = NULL;
	for (size_t i = 0; i < b->n; i++) {
		struct ohc_assembly_entry *e = &b->v[i];
		const uint64_t numbers[] = { e->mode, (uint64_t)e->mtime };

		add_text(h, e->path);
		add(h, numbers, sizeof(numbers));
		add_text(h, e->link);
		add_xattrs(h, e->xattrs, e->n_xattrs);
		if (!e->node)
			continue;
		add_text(h, e->node->written);
		if (!e->node->written)
			add_node(h, e->node, now, ret_settled);
		e->node->written = e->path;
	}
	ohc_digest_end(h, OHC_SHA256, ret);
}
