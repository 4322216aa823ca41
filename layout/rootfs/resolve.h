/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a path through the merged tree, symlinks and all; for the files of layout/rootfs/ alone.
 *
 *	struct ohc_resolve r = { .fs = fs, .at = OHC_ROOT };
 *
 *	ohc_resolve_path(&r, "lib/x", OHC_FOLLOW);
 *	if (r.found == OHC_FOUND)
 *		... r.at is its node ...
 *	ohc_buf_clear(&r.missing);
 *
 * With `make` there is always a directory to go on from: it is asked for what is not there, and for
 * what is neither directory nor symlink.
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

	/* The directory of that name, or 0: it cannot be made. */
	uint32_t (*make)(void *ctx, uint32_t dir, const char *name, size_t len);
	void *ctx;
};

void ohc_resolve_path(struct ohc_resolve *r, const char *path, enum ohc_follow follow);

/* One component, which is followed when it is a symlink.  False: it ends here. */
bool ohc_resolve_step(struct ohc_resolve *r, const char *name, size_t len);

#endif
