/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged tree of an image (layout/rootfs/rootfs.h) as a tree of files.  Of a file's contents
 * only what its layer's scan kept is known: with ohc_facts_hook (layout/files/facts.h) also the
 * facts of ELF files.  Several threads may use it at once.
 */
#ifndef OHC_LAYOUT_FILES_OF_IMAGE_H
#define OHC_LAYOUT_FILES_OF_IMAGE_H

#include "layout/rootfs/rootfs.h"
#include "layout/files/files.h"

/* fs must stay as it is. */
struct ohc_files *ohc_files_image(const struct ohc_rootfs *fs);

#endif
