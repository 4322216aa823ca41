/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a layer of a part of a merged tree (layout/rootfs/rootfs.h), at another path: of the
 * payload in a tar, or in an image that holds more.
 *
 *	struct ohc_from_rootfs s = { .fs = fs, .prefix = "/openhands", .what = "image x" };
 *
 *	rc = ohc_from_rootfs_find(fs, "/openhands", s.what, &root, err);	s.root = root
 *	rc = ohc_from_rootfs_index(&s, 1000, 1000, &index, NULL, err);	its index; nothing is read
 *
 *	spooled = ohc_spooled_new();				its bytes, from those layers that
 *	rc = ohc_from_rootfs_take(&s, &layers, spooled, err);	have something of it
 *
 *	struct ohc_from_rootfs_layer layer = { .tree = &s, .spooled = spooled, … };
 *	src = ohc_layer_source(ohc_from_rootfs_write, &layer, &codec, 0);
 *	rc = ohc_from_rootfs_assembly(&s, spooled, assembly, err);	or as entries among others
 *
 * Symlinks keep their targets as they stand.  Of a file with several names, those below the root
 * stay names of one file, and the others are dropped.  Anything else than files, directories and
 * symlinks (a device, a FIFO) is refused, and the message names it.
 */
#ifndef OHC_LAYOUT_LAYER_FROM_ROOTFS_H
#define OHC_LAYOUT_LAYER_FROM_ROOTFS_H

#include "layout/layer/mtime.h"
#include "layout/rootfs/rootfs.h"
#include "layout/layer/assembly.h"
#include "layout/layer/spooled.h"
#include "oci/store/store.h"

struct ohc_from_rootfs {
	const struct ohc_rootfs *fs;
	const char *root;   /* a directory in fs: absolute, without symlinks on its way */
	const char *prefix; /* where it goes: absolute, normalized, not "/" */
	const char *what;   /* the source, for messages */
	/* NULL, or which entry of the spool each entry of fs is: for a tree that was made of
	 * ohc_from_rootfs_index()'s index.  OHC_FROM_NONE: no entry made it. */
	const uint32_t *entries;
};

#define OHC_FROM_NONE UINT32_MAX

/* Finds the directory that a path leads to; the caller frees *ret.  The message of OHC_E_NOT_FOUND
 * tells what is there instead. */
int ohc_from_rootfs_find(const struct ohc_rootfs *fs, const char *path, const char *what,
			 char **ret_root, struct ohc_error *err);

/* Makes the index that scanning the layer would give (layout/rootfs/scan.h); uid and gid are those
 * of all entries.  ret_entries is NULL, or gets the `entries` of a tree of that index, which the
 * caller frees also after a failure. */
int ohc_from_rootfs_index(const struct ohc_from_rootfs *s, uint32_t uid, uint32_t gid,
			  struct ohc_layer_index *ret, uint32_t **ret_entries,
			  struct ohc_error *err);

/* The layers that fs was made of. */
struct ohc_from_rootfs_layers {
	struct ohc_store *store;
	const struct ohc_descriptor *v;
	size_t n;
	const struct ohc_scan_limits *limits; /* NULL: the default */
	struct ohc_report *report;
};

/* Reads those that have something which is wanted of them; something is. */
int ohc_from_rootfs_read(const struct ohc_from_rootfs_layers *layers, struct ohc_spooled *spooled,
			 struct ohc_error *err);

int ohc_from_rootfs_take(const struct ohc_from_rootfs *s,
			 const struct ohc_from_rootfs_layers *layers, struct ohc_spooled *spooled,
			 struct ohc_error *err);

/* For writing the layer without an assembly, which takes half the memory. */
struct ohc_from_rootfs_layer {
	const struct ohc_from_rootfs *tree;
	const struct ohc_spooled *spooled;
	uint32_t uid, gid; /* of all entries */
	enum ohc_mtime mtime;
	int64_t time;
	struct ohc_task *task; /* advanced by what is read of files */

	/* Results of the last writing. */
	uint64_t files, bytes;
};

/* An ohc_layer_fn; ctx is a struct ohc_from_rootfs_layer. */
int ohc_from_rootfs_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

/* Adds everything to b, whose prefix is s's or above it.  spooled must stay as long as b. */
int ohc_from_rootfs_assembly(const struct ohc_from_rootfs *s, const struct ohc_spooled *spooled,
			     struct ohc_assembly *b, struct ohc_error *err);

#endif
