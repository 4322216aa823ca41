/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One interface over trees of files: the merged tree of an image (layout/files/of_image.h), of
 * which there are only metadata and a few facts, or a directory of this machine as a root
 * (layout/files/of_dir.h).  The loader's search, the checks and the closure of a program work on
 * this.
 *
 *	rc = ohc_files_find(files, "/lib/libc.so.6", OHC_FILES_FOLLOW, &place, err);
 *	if (place.found == OHC_FILES_THERE)
 *		... place.path is "/usr/lib/libc.so.6", place.node.size ...
 *	rc = ohc_files_elf(files, &place, &elf, err);
 *	ohc_files_place_clear(&place);
 *
 * Paths are absolute and start at the tree's root; symlinks are followed inside it, and ".." stays
 * below it.  A missing file is no failure.
 */
#ifndef OHC_LAYOUT_FILES_FILES_H
#define OHC_LAYOUT_FILES_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"
#include "layout/elf/elf.h"

struct ohc_files;

enum ohc_files_found {
	OHC_FILES_THERE,
	OHC_FILES_ABSENT,  /* path is where it would be: symlinks may lead to nowhere */
	OHC_FILES_NOT_DIR, /* path goes on behind something that is no directory */
	OHC_FILES_LOOP,    /* too many symlinks */
};

enum ohc_files_follow {
	OHC_FILES_NOFOLLOW, /* a symlink that is the last component is found itself */
	OHC_FILES_FOLLOW,
};

struct ohc_files_node {
	mode_t mode; /* type and permissions */
	uint32_t uid, gid;
	uint64_t size; /* regular files */
	int64_t mtime;
	unsigned int layer; /* its number in an image; else 0 */
	const void *id;     /* the tree's own */
};

struct ohc_files_place {
	enum ohc_files_found found;
	char *path; /* without symlinks on its way, "." or ".." */
	char *link; /* a symlink's target as it stands, else NULL */
	struct ohc_files_node node;
};

/* Called with the absolute path of what was found.  OHC_FILES_SKIP skips what is below it; any
 * other value than 0 ends the walk and is returned. */
#define OHC_FILES_SKIP 1

/* An ELF file of which nothing is known.  Callers must report it, and not treat it as good. */
#define OHC_FILES_HIDDEN 2

typedef int (*ohc_files_fn)(void *ctx, const char *path, const struct ohc_files_node *node,
			    struct ohc_error *err);

struct ohc_files_ops {
	int (*find)(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		    struct ohc_files_place *ret, struct ohc_error *err);

	/* See ohc_files_walk(); dir is as find() gave it, and is a directory. */
	int (*walk)(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		    struct ohc_error *err);

	/* 1: *ret is the facts of a regular file, valid as long as f; 0: it is no ELF file, or
	 * facts were not asked for; OHC_FILES_HIDDEN: it is one that could not be looked at. */
	int (*elf)(struct ohc_files *f, const struct ohc_files_place *place,
		   const struct ohc_elf **ret, struct ohc_error *err);

	/* Adds the first bytes of a regular file, at most max.  1: that is all of it, or max; 0:
	 * the bytes that are known end before. */
	int (*read)(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		    struct ohc_buf *ret, struct ohc_error *err);

	void (*free)(struct ohc_files *f);
};

struct ohc_files {
	const struct ohc_files_ops *ops;
};

/* *ret is filled (and is to be cleared) only on success, which is 0. */
int ohc_files_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		   struct ohc_files_place *ret, struct ohc_error *err);
void ohc_files_place_clear(struct ohc_files_place *place);

int ohc_files_elf(struct ohc_files *f, const struct ohc_files_place *place,
		  const struct ohc_elf **ret, struct ohc_error *err);
int ohc_files_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		   struct ohc_buf *ret, struct ohc_error *err);

/* The first bytes of the regular file at path, symlinks followed.  1: there, and all of it or max
 * bytes; 0: no such file, or the bytes that are known end before. */
int ohc_files_read_path(struct ohc_files *f, const char *path, size_t max, struct ohc_buf *ret,
			struct ohc_error *err);

/* Is there a file of this type (S_IFREG, S_IFDIR; 0: any), symlinks followed? 1, 0 or a code. */
int ohc_files_is(struct ohc_files *f, const char *path, mode_t type, struct ohc_error *err);

/* Walks everything below dir (symlinks followed to it, not in it), parents first, in bytewise order
 * as layers have it: a directory's name as if it ended in '/'.  No such directory: nothing
 * happens. */
int ohc_files_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		   struct ohc_error *err);

/* The same for what is in dir itself; fn gets the names. */
int ohc_files_list(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		   struct ohc_error *err);

void ohc_files_free(struct ohc_files *f);
void ohc_files_freep(struct ohc_files **f);

#endif
