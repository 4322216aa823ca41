// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/resolve.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"

/* The kernel follows a symlink of two thousand components, and forty such on one path; no real
 * image needs so many. */
#define STEPS_MAX 8192

static bool step(struct ohc_resolve *r, const char *name, size_t len, enum ohc_follow follow);

static mode_t mode_at(const struct ohc_resolve *r, uint32_t node)
{
	return node ? ohc_rootfs_node_inode(r->fs, node)->mode : 0;
}

static bool stop(struct ohc_resolve *r, enum ohc_found why)
{
	r->found = why;
	return false;
}

static bool walk(struct ohc_resolve *r, const char *path, enum ohc_follow follow)
{
	struct ohc_path_part part;

	while (ohc_path_next(&path, &part))
		if (!step(r, part.name, part.n, *path ? OHC_FOLLOW : follow))
			return false;
	return true;
}

/* A tree that grows moves its strings, so the target is copied. */
static bool follow_link(struct ohc_resolve *r, uint32_t node)
{
	ohc_cleanup(ohc_freep) char *target =
		ohc_xstrdup(r->fs->strings.data + ohc_rootfs_node_inode(r->fs, node)->other);

	if (++r->links > OHC_SYMLINKS_MAX)
		return stop(r, OHC_LOOP);
	if (r->contained && (*target == '/' || ohc_path_has_up(target)))
		return stop(r, OHC_NOT_DIR);
	if (target[0] == '/')
		r->at = OHC_ROOT;
	return walk(r, target, OHC_FOLLOW);
}

static void step_up(struct ohc_resolve *r)
{
	if (r->missing.len) {
		r->detour = true;
		ohc_buf_truncate(&r->missing,
				 (size_t)(strrchr(r->missing.data, '/') - r->missing.data));
		r->found = r->missing.len ? OHC_ABSENT : OHC_FOUND;
	} else if (r->at != OHC_ROOT) {
		r->at = r->fs->nodes[r->at].parent;
	}
}

static bool step_missing(struct ohc_resolve *r, const char *name, size_t len)
{
	/* No path that leads there can be longer than what the kernel takes. */
	if (r->missing.len + len > 2 * 4096)
		return stop(r, OHC_LOOP);
	ohc_buf_addc(&r->missing, '/');
	ohc_buf_add(&r->missing, name, len);
	r->found = OHC_ABSENT;
	return true;
}

static bool step(struct ohc_resolve *r, const char *name, size_t len, enum ohc_follow follow)
{
	enum ohc_path_kind kind;
	uint32_t node;
	mode_t mode;

	if (++r->steps > STEPS_MAX)
		return stop(r, OHC_LOOP);
	if (r->missing.len == 0 && !S_ISDIR(mode_at(r, r->at)))
		return stop(r, OHC_NOT_DIR);
	kind = ohc_path_kind_of(name, len);
	if (kind == OHC_PATH_UP)
		step_up(r);
	if (kind != OHC_PATH_NAME)
		return true;
	if (r->missing.len)
		return step_missing(r, name, len);
	node = ohc_rootfs_node_find(r->fs, r->at, name, len);
	mode = mode_at(r, node);
	if (S_ISLNK(mode) && follow == OHC_FOLLOW)
		return follow_link(r, node);
	if (r->make && !S_ISDIR(mode)) {
		node = r->make(r->ctx, r->at, name, len);
		mode = mode_at(r, node);
		if (!mode)
			return stop(r, OHC_ABSENT);
	}
	if (!mode)
		return step_missing(r, name, len);
	r->at = node;
	return true;
}

bool ohc_resolve_step(struct ohc_resolve *r, const char *name, size_t len)
{
	return step(r, name, len, OHC_FOLLOW);
}

void ohc_resolve_path(struct ohc_resolve *r, const char *path, enum ohc_follow follow)
{
	walk(r, path, follow);
}
