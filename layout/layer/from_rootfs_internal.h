/* SPDX-License-Identifier: Apache-2.0 */
/* A walk over a subtree, its root first, with paths as they will be. */
#ifndef OHC_LAYOUT_LAYER_FROM_ROOTFS_INTERNAL_H
#define OHC_LAYOUT_LAYER_FROM_ROOTFS_INTERNAL_H

#include "layout/layer/hardlinks.h"
#include "layout/layer/from_rootfs.h"

struct ohc_from_rootfs_walk {
	const struct ohc_from_rootfs *s;
	int (*fn)(struct ohc_from_rootfs_walk *k, const char *path, const struct ohc_file *file);
	void *ctx;
	struct ohc_error *err;

	struct ohc_hardlinks inodes;
	struct ohc_buf path;
};

int ohc_from_rootfs_walk(struct ohc_from_rootfs_walk *k);

/* The name that a file of several names has already, or NULL: then this is its first.  Symlinks of
 * several names are several symlinks, as in layout/layer/from_dir.h. */
const char *ohc_from_rootfs_first_name(struct ohc_from_rootfs_walk *k, const char *path,
				       const struct ohc_file *file);

#endif
