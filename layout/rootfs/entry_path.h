/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads paths in a layer's tar as engines do: relative to the image's root, whether or not they
 * begin with '/' or "./", without empty and "." components.  One with ".." is refused: no tool
 * writes it, and what it would mean depends on the engine.
 */
#ifndef OHC_LAYOUT_ROOTFS_ENTRY_PATH_H
#define OHC_LAYOUT_ROOTFS_ENTRY_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "oci/tar/tar.h"

/* The limit on components of a path; the tree of an image is no deeper. */
#define OHC_BASE_DEPTH_MAX 1024

struct ohc_base_path {
	char text[OHC_TAR_PATH_MAX + 1]; /* "" for the root */
	size_t len;
	const char *name; /* the last component, in text */
};

/* False where path has "..", is longer than OHC_TAR_PATH_MAX or too deep. */
bool ohc_entry_path_normalize(const char *path, struct ohc_base_path *ret);

/* Is the path already in the form that ohc_entry_path_normalize() gives? */
bool ohc_entry_path_is_normal(const char *path);

#endif
