/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged tree of an image (layout/base_rootfs.h) as a tree of files.  What is known of a file's
 * contents is what its layer's scan kept: with ohc_facts_hook (layout/facts.h) the facts of ELF
 * files among it.
 */
#ifndef OHC_LAYOUT_FILES_IMAGE_H
#define OHC_LAYOUT_FILES_IMAGE_H

#include "layout/base_rootfs.h"
#include "layout/files.h"

/* fs must stay as it is. */
struct ohc_files *ohc_files_image(const struct ohc_rootfs *fs);

#endif
