/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/files/of_dir.h. */
#ifndef OHC_LAYOUT_FILES_OF_DIR_INTERNAL_H
#define OHC_LAYOUT_FILES_OF_DIR_INTERNAL_H

#include <sys/stat.h>

#include "layout/files/files.h"

struct ohc_dir_files {
	struct ohc_files files;
	int fd;
	char *name; /* for messages, before a path */
	void *elfs; /* a tree (tsearch) of what is known */
};

/* A path as the *at() calls take it. */
static inline const char *ohc_files_dir_relative(const char *path)
{
	return path[1] ? path + 1 : ".";
}

void ohc_files_dir_node(struct ohc_files_node *node, const struct stat *st);

int ohc_files_dir_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		       struct ohc_files_place *ret, struct ohc_error *err);

#endif
