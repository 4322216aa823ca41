/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a tar as a payload, once: the bytes tell its compression, not the name; its files' bytes
 * are spooled (layout/layer/spooled.h), and nothing is unpacked.
 *
 *	struct ohc_tar_input in = { .src = src, .what = "x.tgz", .size = -1, .prefix = "/x" };
 *	struct ohc_from_tar t = { .fs = NULL };
 *
 *	rc = ohc_from_tar_read(&in, &t, err);
 *	rc = ohc_from_tar_index(&t, uid, gid, &index, err);	and the tree is gone, …
 *	rc = ohc_from_tar_tree(&t, &index, err);		… until it is needed again
 *	rc = ohc_from_rootfs_assembly(&t.tree, t.spooled, assembly, err);
 *	... or ohc_from_rootfs_write(); the assembly goes before the tree ...
 *	ohc_from_tar_clear(&t);
 *
 * Where every entry lies below the prefix ("openhands/bin/x", for /openhands: a layer's tar), they
 * are used as they stand; directories on the way to it ("./", "opt/") do not count.  Otherwise all
 * are placed below the prefix.
 *
 * A tar holds what tar(1) would unpack from it (ohc_rootfs_apply_tar()): of several
 * entries of one path the last wins.  Refused, by name, are "..", whiteouts, devices and FIFOs,
 * entries behind a symlink that leads out of the tar, hard links to files that are not in it; and a
 * tar without entries.  The limits are those of layout/rootfs/scan.h.
 */
#ifndef OHC_LAYOUT_LAYER_FROM_TAR_H
#define OHC_LAYOUT_LAYER_FROM_TAR_H

#include "layout/layer/from_rootfs.h"

struct ohc_tar_input {
	struct ohc_source *src; /* stays the caller's */
	const char *what;       /* "x.tar.gz", for messages; must stay as long as the tree */
	int64_t size;           /* the size of src; -1: not known */
	const char *prefix;     /* must stay as long as the tree, too */
	const struct ohc_scan_hook *hook;     /* NULL: none */
	const struct ohc_scan_limits *limits; /* NULL: the default */
};

struct ohc_from_tar {
	struct ohc_rootfs *fs;
	struct ohc_spooled *spooled;
	struct ohc_from_rootfs tree; /* the part of fs that is the payload, and where it goes */
	uint32_t *entries;           /* the tree's */
};

/* *ret must be zero; the caller clears it also after a failure. */
int ohc_from_tar_read(const struct ohc_tar_input *in, struct ohc_from_tar *ret,
		      struct ohc_error *err);

/* Makes the layer's index (ohc_from_rootfs_index()) and frees the tree: half a million entries take
 * 40 MB, and nobody asks for them until the layer is written. */
int ohc_from_tar_index(struct ohc_from_tar *t, uint32_t uid, uint32_t gid,
		       struct ohc_layer_index *ret, struct ohc_error *err);

/* Makes the tree again of that index, where it was freed. */
int ohc_from_tar_tree(struct ohc_from_tar *t, const struct ohc_layer_index *index,
		      struct ohc_error *err);

void ohc_from_tar_clear(struct ohc_from_tar *t);

#endif
