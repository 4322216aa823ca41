/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Permissions and times of directories, which they get when all is written: one that cannot be
 * written to could not be filled.
 *
 *	ohc_tree_dirs_add(&dirs, "lib", 0555, mtime);	"" is the tree itself
 *	rc = ohc_tree_dirs_set(&dirs, tree_fd, err);
 *	ohc_tree_dirs_clear(&dirs);
 */
#ifndef OHC_COMPOSE_UNPACK_TREE_DIRS_H
#define OHC_COMPOSE_UNPACK_TREE_DIRS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"

struct ohc_tree_dir;

struct ohc_tree_dirs {
	struct ohc_tree_dir *v;
	size_t n;
};

/* The path is copied.  What is added later takes the place of what was said of that path before. */
void ohc_tree_dirs_add(struct ohc_tree_dirs *dirs, const char *path, mode_t mode, int64_t mtime);

/* Sets them below the directory fd.  Changes the order of the list. */
int ohc_tree_dirs_set(struct ohc_tree_dirs *dirs, int fd, struct ohc_error *err);

void ohc_tree_dirs_clear(struct ohc_tree_dirs *dirs);

#endif
