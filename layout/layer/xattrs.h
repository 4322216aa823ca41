/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the extended attributes of a payload's file that go into a layer: user.* and
 * security.capability. */
#ifndef OHC_LAYOUT_LAYER_XATTRS_H
#define OHC_LAYOUT_LAYER_XATTRS_H

#include "oci/tar/xattrs.h"

/* Reads them into x, replacing its content; the caller clears x by ohc_xattrs_clear(). */
int ohc_xattrs_read(int fd, const char *path, struct ohc_xattrs *x, struct ohc_error *err);
/* The same for the attributes in a tar's entry; *ret must be empty. */
void ohc_xattrs_copy(const struct ohc_xattr *v, size_t n, struct ohc_xattrs *ret);

#endif
