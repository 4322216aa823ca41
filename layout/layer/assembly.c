// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/assembly.h"

#include <string.h>

#include "core/fnv.h"
#include "core/path.h"
#include "layout/layer/assembly_internal.h"

struct ohc_assembly *ohc_assembly_new(const char *prefix, const struct ohc_assembly *below)
{
	struct ohc_assembly *b = ohc_xcalloc(1, sizeof(*b));

	b->prefix = ohc_xstrdup(prefix);
	b->below = below;
	return b;
}

static void clear_entry(struct ohc_assembly_entry *e)
{
	ohc_assembly_xattrs_free(e->xattrs, e->n_xattrs);
	free(e->path);
	free(e->origin);
	free(e->link);
}

void ohc_assembly_free(struct ohc_assembly *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++)
		clear_entry(&b->v[i]);
	while (b->nodes) {
		struct ohc_assembly_node *next = b->nodes->next;

		ohc_assembly_node_free(b->nodes);
		b->nodes = next;
	}
	free(b->v);
	ohc_assembly_free(b->named);
	ohc_hardlinks_clear(&b->inodes);
	free(b->slots);
	free(b->prefix);
	free(b);
}

void ohc_assembly_freep(struct ohc_assembly **b)
{
	ohc_assembly_free(*b);
}

/* The slot of the path (without its leading '/'), or where it would go. */
static uint32_t *slot_of(const struct ohc_assembly *b, const char *path)
{
	size_t i = ohc_fnv_add(OHC_FNV_INIT, path, strlen(path)) & (b->n_slots - 1);

	while (b->slots[i] && strcmp(b->v[b->slots[i] - 1].path, path) != 0)
		i = (i + 1) & (b->n_slots - 1);
	return &b->slots[i];
}

static void fill_slots(struct ohc_assembly *b, size_t n_slots)
{
	free(b->slots);
	b->slots = ohc_xcalloc(n_slots, sizeof(*b->slots));
	b->n_slots = n_slots;
	for (size_t i = 0; i < b->n; i++)
		*slot_of(b, b->v[i].path) = (uint32_t)i + 1;
}

const struct ohc_assembly_entry *ohc_assembly_own_entry(const struct ohc_assembly *b,
							const char *path)
{
	size_t i = b->n ? *slot_of(b, path + 1) : 0;

	return i ? &b->v[i - 1] : NULL;
}

const struct ohc_assembly_entry *ohc_assembly_entry_of(const struct ohc_assembly *b,
						       const char *path)
{
	const struct ohc_assembly_entry *e = NULL;

	for (; b && !e; b = b->below)
		e = ohc_assembly_own_entry(b, path);
	return e;
}

/* The origin of a file of this machine is mostly its own path, which is kept once. */
static const char *known_origin(const struct ohc_assembly_entry *e)
{
	return e->origin || !e->node ? e->origin : e->node->path;
}

const char *ohc_assembly_origin(const struct ohc_assembly_entry *e)
{
	const char *origin = known_origin(e);

	return origin ? origin : "a directory on the way to others";
}

struct ohc_assembly_entry *ohc_assembly_append(struct ohc_assembly *b,
					       const struct ohc_assembly_item *item, mode_t type)
{
	struct ohc_assembly_entry e = { .path = ohc_xstrdup(item->path + 1),
					.mode = type | (item->mode & 07777),
					.mtime = item->mtime,
					.origin = ohc_xstrdup(item->origin) };

	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 64;
		b->v = ohc_xrealloc(b->v, b->cap, sizeof(*b->v));
	}
	b->v[b->n++] = e;
	b->sorted = false;
	if (2 * b->n > b->n_slots)
		fill_slots(b, b->n_slots ? 2 * b->n_slots : 256);
	else
		*slot_of(b, e.path) = (uint32_t)b->n;
	return &b->v[b->n - 1];
}

int ohc_assembly_conflict(const struct ohc_assembly_entry *e, const struct ohc_assembly_item *item,
			  struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FAILED,
			     "'%s' comes from '%s' and, with other content, from '%s'", item->path,
			     ohc_assembly_origin(e), item->origin ? item->origin : "elsewhere");
}

int ohc_assembly_symlink(struct ohc_assembly *b, const struct ohc_assembly_item *item,
			 const char *target, struct ohc_error *err)
{
	const struct ohc_assembly_item any_mode = { item->path,   0777, item->mtime,
						    item->origin, NULL, 0 };
	const struct ohc_assembly_entry *there;
	int rc = ohc_assembly_put(b, item, &there, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return there->link && strcmp(there->link, target) == 0
			       ? 0
			       : ohc_assembly_conflict(there, item, err);
	ohc_assembly_enter(b, &any_mode, S_IFLNK)->link = ohc_xstrdup(target);
	return 0;
}

/* Finds a file of this machine that is there by another name, with the same patch. */
static struct ohc_assembly_node *other_name(struct ohc_assembly *b,
					    const struct ohc_assembly_node *node, const char *path)
{
	const char *first = ohc_hardlinks_add(&b->inodes, node->st.dev, node->st.ino, path);
	const struct ohc_assembly_entry *e = first ? ohc_assembly_entry_of(b, first) : NULL;
	struct ohc_assembly_node *o = e ? e->node : NULL;

	return o && o->mode == node->mode && o->mtime == node->mtime &&
			       ohc_patch_same(o->patch, node->patch)
		       ? o
		       : NULL;
}

int ohc_assembly_file(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		      const struct ohc_content *content, const struct ohc_patch *patch,
		      struct ohc_error *err)
{
	const struct ohc_assembly_entry *there;
	struct ohc_assembly_node *node, *other;
	struct ohc_assembly_entry *e;
	int rc = ohc_assembly_put(b, item, &there, err), room = rc;

	if (rc < 0)
		return rc;
	rc = ohc_assembly_node_new(item, content, patch, &node, err);
	if (rc < 0)
		return rc;
	if (!room) {
		rc = there->node ? ohc_assembly_node_same(there->node, node, err) : 0;
		ohc_assembly_node_free(node);
		return rc < 0 ? rc : rc ? 0 : ohc_assembly_conflict(there, item, err);
	}
	other = node->links > 1 ? other_name(b, node, item->path) : NULL;
	if (other) {
		ohc_assembly_node_free(node);
		node = other;
	} else {
		node->next = b->nodes;
		b->nodes = node;
	}
	e = ohc_assembly_enter(b, item, S_IFREG);
	e->node = node;
	if (e->origin && node->path && strcmp(e->origin, node->path) == 0)
		free(ohc_take(e->origin));
	return 0;
}

int ohc_assembly_link(struct ohc_assembly *b, const struct ohc_assembly_item *item, const char *of,
		      struct ohc_error *err)
{
	const struct ohc_assembly_entry *there, *file = ohc_assembly_entry_of(b, of);
	struct ohc_assembly_node *node = file ? file->node : NULL;
	int rc = ohc_assembly_put(b, item, &there, err);

	if (rc < 0)
		return rc;
	if (!node)
		return ohc_error_set(err, OHC_E_FAILED, "'%s' is a hard link to '%s', which is %s",
				     item->path, of, file ? "no file" : "not there");
	if (rc == 0)
		return there->node == node ? 0 : ohc_assembly_conflict(there, item, err);
	ohc_assembly_enter(b, item, S_IFREG | node->mode)->node = node;
	return 0;
}

static struct ohc_assembly_found found_of(const struct ohc_assembly_entry *e)
{
	return (struct ohc_assembly_found){
		.mode = e->node ? S_IFREG | e->node->mode : e->mode,
		.origin = known_origin(e),
		.link = e->link,
		.source = e->node ? e->node->path : NULL,
		.size = e->node ? ohc_assembly_node_size(e->node) : 0,
	};
}

struct ohc_assembly_found ohc_assembly_find(const struct ohc_assembly *b, const char *path)
{
	const struct ohc_assembly_entry *e = ohc_assembly_entry_of(b, path);

	return e ? found_of(e) : (struct ohc_assembly_found){ .mode = 0 };
}

size_t ohc_assembly_count(const struct ohc_assembly *b)
{
	return b->n;
}

uint64_t ohc_assembly_bytes(const struct ohc_assembly *b)
{
	uint64_t sum = 0;

	for (const struct ohc_assembly_node *n = b->nodes; n; n = n->next)
		sum += ohc_assembly_node_size(n);
	return sum;
}

static int compare(const void *a, const void *b)
{
	const struct ohc_assembly_entry *x = a, *y = b;

	return ohc_path_compare(x->path, S_ISDIR(x->mode), y->path, S_ISDIR(y->mode));
}

void ohc_assembly_sort(struct ohc_assembly *b)
{
	if (b->sorted)
		return;
	if (b->n) { /* frees spare room, because mostly nothing is added any more */
		b->v = ohc_xrealloc(b->v, b->n, sizeof(*b->v));
		b->cap = b->n;
		qsort(b->v, b->n, sizeof(*b->v), compare);
		fill_slots(b, b->n_slots);
	}
	b->sorted = true;
}

int ohc_assembly_walk(struct ohc_assembly *b, ohc_assembly_fn fn, void *ctx)
{
	int rc = 0;

	ohc_assembly_sort(b);
	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		const struct ohc_assembly_found found = found_of(&b->v[i]);
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", b->v[i].path);

		rc = fn(ctx, path, &found);
	}
	return rc;
}

ssize_t ohc_assembly_read_at(const struct ohc_assembly *b, const char *path, uint64_t offset,
			     void *buf, size_t n, struct ohc_error *err)
{
	const struct ohc_assembly_entry *e = ohc_assembly_entry_of(b, path);
	struct ohc_assembly_reader r;
	ssize_t got;

	if (!e || !e->node)
		return ohc_error_set(err, OHC_E_FAILED, "'%s' is no file", path);
	if (offset >= ohc_assembly_node_size(e->node))
		return 0;
	got = ohc_assembly_open(e->node, &r, err);
	if (got < 0)
		return got;
	r.at = offset;
	got = ohc_assembly_next(&r, buf, n, err);
	ohc_assembly_close(&r);
	return got;
}

ssize_t ohc_assembly_read(const struct ohc_assembly *b, const char *path, void *buf, size_t n,
			  struct ohc_error *err)
{
	return ohc_assembly_read_at(b, path, 0, buf, n, err);
}
