/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of an image that a payload is a part of: its merged tree, with the contents of what
 * tells which packages are in it (layout/sbom/packages.h), for which its layers are read.
 *
 *	rc = ohc_sbom_image_root(fs, &layers, &root, err);
 *	if (root)
 *		rc = ohc_packages_read(root, &packages, err);
 *	ohc_files_free(root);
 */
#ifndef OHC_LAYOUT_SBOM_OF_IMAGE_H
#define OHC_LAYOUT_SBOM_OF_IMAGE_H

#include "layout/files/files.h"
#include "layout/layer/from_rootfs.h"

/* Does the tree have a database of packages outside this directory? */
bool ohc_sbom_image_has_packages(const struct ohc_rootfs *fs, const char *outside);

/* fs must stay as long as *ret, which is the caller's. */
int ohc_sbom_image_root(const struct ohc_rootfs *fs, const struct ohc_from_rootfs_layers *layers,
			struct ohc_files **ret, struct ohc_error *err);

#endif
