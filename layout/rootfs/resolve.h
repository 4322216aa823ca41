/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a path through the merged tree and follows its symlinks; for the files of layout/rootfs/
 * alone.
 *
 *	struct ohc_resolve r = { .fs = fs, .at = OHC_ROOT };
 *
 *	ohc_resolve_path(&r, "lib/x", OHC_FOLLOW);
 *	if (r.found == OHC_FOUND)
 *		... r.at is its node ...
 *	ohc_buf_clear(&r.missing);
 *
 * With `make` there is always a directory to go on from: it is called to make one where nothing is,
 * and where something is that is neither a directory nor a symlink.
 */
#ifndef OHC_LAYOUT_ROOTFS_RESOLVE_H
#define OHC_LAYOUT_ROOTFS_RESOLVE_H

#include "layout/rootfs/rootfs_internal.h"

struct ohc_resolve {
	const struct ohc_rootfs *fs;
	uint32_t at;
	enum ohc_found found;
	struct ohc_buf missing; /* OHC_ABSENT: "/x/y", where it goes on behind `at` */
	unsigned int links;
	unsigned int steps; /* components that were looked at */
	bool detour;        /* it went on behind ".." of what is not there */
	bool contained;     /* OHC_NOT_DIR at a symlink that is absolute or has ".." in it */

	/* Returns the node of the directory that it made, or 0: it cannot be made. */
	uint32_t (*make)(void *ctx, uint32_t dir, const char *name, size_t len);
	void *ctx;
};

void ohc_resolve_path(struct ohc_resolve *r, const char *path, enum ohc_follow follow);

/* Walks one component, and follows it when it is a symlink.  False: it ends here. */
bool ohc_resolve_step(struct ohc_resolve *r, const char *name, size_t len);

#endif
