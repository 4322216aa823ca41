// SPDX-License-Identifier: Apache-2.0
/* Looks into the merged tree. */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/rootfs/resolve.h"

/* Writes the path from the leaf up, into a buffer that is filled from its end. */
static char *path_of(const struct ohc_rootfs *fs, uint32_t node, const char *behind)
{
	size_t len = strlen(behind), tail = len;
	char *path, *p;

	for (uint32_t i = node; i != OHC_ROOT; i = fs->nodes[i].parent)
		len += 1 + strlen(ohc_rootfs_node_name(fs, i));
	path = ohc_xmalloc(len + 2);
	p = path + len - tail;
	memcpy(p, behind, tail + 1);
	for (uint32_t i = node; i != OHC_ROOT; i = fs->nodes[i].parent) {
		const char *name = ohc_rootfs_node_name(fs, i);
		size_t n = strlen(name);

		p -= n;
		memcpy(p, name, n);
		*--p = '/';
	}
	if (len == 0)
		memcpy(path, "/", 2);
	return path;
}

void ohc_rootfs_find(const struct ohc_rootfs *fs, const char *path, enum ohc_follow follow,
		     struct ohc_rootfs_place *ret)
{
	struct ohc_resolve r = { .fs = fs, .at = OHC_ROOT };

	ohc_resolve_path(&r, path, follow);
	memset(ret, 0, sizeof(*ret));
	ret->found = r.found;
	ret->detour = r.detour;
	ret->path = path_of(fs, r.at, ohc_buf_str(&r.missing));
	if (r.found == OHC_FOUND)
		ohc_rootfs_node_file(fs, r.at, &ret->file);
	ohc_buf_clear(&r.missing);
}

void ohc_rootfs_place_clear(struct ohc_rootfs_place *place)
{
	free(place->path);
	memset(place, 0, sizeof(*place));
}

struct walker {
	const struct ohc_rootfs *fs;
	ohc_rootfs_fn fn;
	void *ctx;
	struct ohc_buf path;
};

static bool is_dir(const struct ohc_rootfs *fs, uint32_t node)
{
	return S_ISDIR(ohc_rootfs_node_inode(fs, node)->mode);
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct ohc_rootfs *fs = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return ohc_path_compare(ohc_rootfs_node_name(fs, x), is_dir(fs, x),
				ohc_rootfs_node_name(fs, y), is_dir(fs, y));
}

static bool is_in_order(const struct ohc_rootfs *fs, const uint32_t *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare(&list[i - 1], &list[i], (void *)fs) > 0)
			return false;
	return true;
}

/* A directory has its newest name first, and most layers were in order. */
static uint32_t *children_of(const struct ohc_rootfs *fs, uint32_t dir, size_t *ret_n)
{
	uint32_t *list, i;
	size_t n = 0, k;

	for (i = fs->nodes[dir].child; i; i = fs->nodes[i].sibling)
		n += fs->nodes[i].inode != 0;
	list = ohc_xcalloc(n, sizeof(*list));
	k = n;
	for (i = fs->nodes[dir].child; i; i = fs->nodes[i].sibling)
		if (fs->nodes[i].inode)
			list[--k] = i;
	if (!is_in_order(fs, list, n))
		qsort_r(list, n, sizeof(*list), compare, (void *)fs);
	*ret_n = n;
	return list;
}

/* Recurses as deep as the tree is, which is limited. */
static int walk(struct walker *w, uint32_t dir)
{
	size_t n, len = w->path.len;
	ohc_cleanup(ohc_freep) uint32_t *list = children_of(w->fs, dir, &n);
	struct ohc_file file;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		ohc_buf_addc(&w->path, '/');
		ohc_buf_adds(&w->path, ohc_rootfs_node_name(w->fs, list[i]));
		ohc_rootfs_node_file(w->fs, list[i], &file);
		rc = w->fn(w->ctx, w->path.data, &file);
		if (rc == 0 && S_ISDIR(file.mode))
			rc = walk(w, list[i]);
		ohc_buf_truncate(&w->path, len);
	}
	return rc;
}

int ohc_rootfs_walk(const struct ohc_rootfs *fs, const char *dir, ohc_rootfs_fn fn, void *ctx)
{
	struct walker w = { .fs = fs, .fn = fn, .ctx = ctx };
	struct ohc_resolve r = { .fs = fs, .at = OHC_ROOT };
	int rc = 0;

	ohc_resolve_path(&r, dir, OHC_NOFOLLOW);
	if (r.found == OHC_FOUND && is_dir(fs, r.at)) {
		ohc_cleanup(ohc_freep) char *path = path_of(fs, r.at, "");

		if (r.at != OHC_ROOT)
			ohc_buf_adds(&w.path, path);
		rc = walk(&w, r.at);
	}
	ohc_buf_clear(&w.path);
	ohc_buf_clear(&r.missing);
	return rc;
}
