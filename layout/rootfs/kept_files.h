/* SPDX-License-Identifier: Apache-2.0 */
/* Tells which files of a base are kept in a layer's index. */
#ifndef OHC_LAYOUT_ROOTFS_KEPT_FILES_H
#define OHC_LAYOUT_ROOTFS_KEPT_FILES_H

#include <stddef.h>

#include "oci/tar/tar.h"

/* The largest file that is kept, except for account files. */
#define OHC_KEEP_SMALL (64 * 1024)

/* How many bytes of the file are to be kept: 0, the first line of a script, or all.  head is its
 * first bytes. */
size_t ohc_kept_files_wanted(const char *path, const struct ohc_tar_entry *entry, const char *head,
			     size_t n);

#endif
