/* SPDX-License-Identifier: Apache-2.0 */
/* The extended attributes of a file that go into a layer, sorted by name. */
#ifndef OHC_LAYOUT_XATTRS_H
#define OHC_LAYOUT_XATTRS_H

#include "oci/tar.h"

struct ohc_xattrs {
	struct ohc_xattr *v;
	size_t n;
};

/* Replaces what is in x, which is cleared at the end by ohc_xattrs_clear(). */
int ohc_xattrs_read(int fd, const char *path, struct ohc_xattrs *x, struct ohc_error *err);
void ohc_xattrs_clear(struct ohc_xattrs *x);

#endif
