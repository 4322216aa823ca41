/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a base are kept in a layer's index. */
#ifndef OHC_LAYOUT_ROOTFS_KEPT_FILES_H
#define OHC_LAYOUT_ROOTFS_KEPT_FILES_H

#include <stddef.h>

#include "oci/tar/tar.h"

/* Of files that matter, but for those of accounts, larger ones are not kept. */
#define OHC_KEEP_SMALL (64 * 1024)

/* How many bytes of the file, whose first ones are head, are to be kept: 0, or as many as a line
 * of a script has, or all of it. */
size_t ohc_kept_files_wanted(const char *path, const struct ohc_tar_entry *entry, const char *head,
			     size_t n);

#endif
