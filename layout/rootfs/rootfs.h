/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree that a container would see: layers laid over one another, in memory, as image-spec
 * layer.md ("Applying Changesets") says and as engines do it.
 *
 *	fs = ohc_rootfs_new();
 *	rc = ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, "layer sha256:…", err);
 *	...						each layer, lowest first
 *	ohc_rootfs_find(fs, "/bin/sh", OHC_FOLLOW, &place);
 *	if (place.found == OHC_FOUND)
 *		... place.path is "/usr/bin/dash", place.file.layer is the layer it is from ...
 *	ohc_rootfs_place_clear(&place);
 *
 * A whiteout hides what lower layers have, never what its own layer has, whatever their order.  An
 * entry replaces what its path had before, but a directory over a directory changes the mode and
 * owner and keeps the content.  Hard links are several names of one file; one that is replaced
 * leaves the others as they are.  An entry's path goes through the symlinks that are there (inside
 * the root), as containerd and umoci have it, its last component does not.  Directories that no
 * entry made are implied: root's, 0755.
 *
 * A layer with a hard link to a missing file, or behind a loop of symlinks, cannot be unpacked by
 * any engine: OHC_E_FORMAT.
 *
 * Some 80 bytes an entry: 500,000 of them stay below 64 MiB together with the index they came from.
 */
#ifndef OHC_LAYOUT_ROOTFS_ROOTFS_H
#define OHC_LAYOUT_ROOTFS_ROOTFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"

/* The limits on entries, and on the bytes of their names and of kept data, over all layers. */
#define OHC_ROOTFS_MAX         2000000u
#define OHC_ROOTFS_STRINGS_MAX (128u << 20)

/* The limit on names that are looked at while layers are laid over one another, a hundred times as
 * many as a real image needs: a layer can hide a million names a million times. */
#define OHC_ROOTFS_WORK_MAX 200000000u

/* The kernel's limit (MAXSYMLINKS). */
#define OHC_SYMLINKS_MAX 40

struct ohc_rootfs;

struct ohc_rootfs *ohc_rootfs_new(void);
void ohc_rootfs_free(struct ohc_rootfs *fs);
void ohc_rootfs_freep(struct ohc_rootfs **fs);

/* Lays a layer (layout/rootfs/layer_index.h) over those before it.
 * After a failure fs is of no use. */
int ohc_rootfs_apply(struct ohc_rootfs *fs, const void *index, size_t n, const char *what,
		     struct ohc_error *err);

/*
 * The same for a tar that somebody made, which is unpacked as tar(1) does it: a hard link may
 * stand before the file that it links to; a whiteout is refused, and so is an entry behind a
 * symlink of the tar that is absolute or has ".." in it.
 */
int ohc_rootfs_apply_tar(struct ohc_rootfs *fs, const void *index, size_t n, const char *what,
			 struct ohc_error *err);

/* How many layers were applied; a file's `layer` is below it. */
unsigned int ohc_rootfs_layers(const struct ohc_rootfs *fs);

/* The file that stands at a path.  Pointers are valid until the next layer is applied. */
struct ohc_file {
	mode_t mode;
	uint32_t uid, gid;
	uint64_t size; /* regular files */
	int64_t mtime; /* whole seconds, not before 1970 */
	unsigned int layer;
	uint32_t id;  /* the same for all names of a file */
	bool shared;  /* has, or has had, several */
	bool implied; /* a directory that no entry made */
	/* For a directory or a symlink that a lower layer has: the last layer, counted from 1, that
	 * has something behind it and no entry for it.  0: there is none. */
	unsigned int implied_by;
	unsigned int from; /* the layer that has its data, … */
	uint32_t entry;    /* … and which entry of it that is, counted from 0 */
	const char *link;  /* a symlink's target, else NULL */
	const void *data;  /* the first n_data bytes where they were kept: all, when that is size */
	size_t n_data;
	const void *facts; /* facts by the scan's hook, or NULL */
	size_t n_facts;
	const void *xattrs; /* of a directory, and of files whose data was kept: encoded, or NULL */
	size_t n_xattrs;
};

/* The same by its id: what all names of a file have in common; layer is not set.  Where no file has
 * the id, mode is 0. */
void ohc_rootfs_file(const struct ohc_rootfs *fs, uint32_t id, struct ohc_file *ret);

enum ohc_found {
	OHC_FOUND,
	OHC_ABSENT,  /* path is where it would be made: symlinks may lead to nowhere */
	OHC_NOT_DIR, /* path goes on behind something that is no directory, at `path` */
	OHC_LOOP,    /* too many symlinks */
};

enum ohc_follow {
	OHC_NOFOLLOW, /* a symlink that is the last component is found itself */
	OHC_FOLLOW,
};

struct ohc_rootfs_place {
	enum ohc_found found;
	char *path; /* absolute, without symlinks on its way; the caller frees it */

	/* The path goes up again from a directory that is not there ("/none/../etc"), where the
	 * kernel would find nothing. */
	bool detour;
	struct ohc_file file;
};

/* path starts at the root, whether or not it begins with '/'; ".." stays below the root. */
void ohc_rootfs_find(const struct ohc_rootfs *fs, const char *path, enum ohc_follow follow,
		     struct ohc_rootfs_place *ret);
void ohc_rootfs_place_clear(struct ohc_rootfs_place *place);

/*
 * Walks everything below a directory (absolute, without symlinks; "/" for all), without the
 * directory itself, parents first, in bytewise order as layers have it (a directory's name as if it
 * ended in '/').  path is absolute.  Stops when fn returns other than 0, and returns that; 0 where
 * there is no such directory.
 */
typedef int (*ohc_rootfs_fn)(void *ctx, const char *path, const struct ohc_file *file);

int ohc_rootfs_walk(const struct ohc_rootfs *fs, const char *dir, ohc_rootfs_fn fn, void *ctx);

#endif
