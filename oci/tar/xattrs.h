/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of extended attributes that outlives the tar entry it was read from: its own copies of
 * names and values, sorted by name, each name once.
 *
 *	struct ohc_xattrs x = OHC_XATTRS_INIT;
 *
 *	ohc_xattrs_put(&x, &entry->xattrs[i]);
 *	...
 *	struct ohc_tar_entry written = { .xattrs = x.v, .n_xattrs = x.n, … };
 *	ohc_xattrs_clear(&x);
 *
 * Encoded it is a row of bytes (core/record.h), as caches keep it.
 */
#ifndef OHC_OCI_TAR_XATTRS_H
#define OHC_OCI_TAR_XATTRS_H

#include "core/buf.h"
#include "oci/tar/tar.h"

struct ohc_xattrs {
	struct ohc_xattr *v;
	size_t n;
};

#define OHC_XATTRS_INIT \
	{               \
		NULL, 0 \
	}

/* A later one of the same name wins, as where they are set one after another. */
void ohc_xattrs_put(struct ohc_xattrs *x, const struct ohc_xattr *from);
void ohc_xattrs_clear(struct ohc_xattrs *x);

/* Adds to *ret. */
void ohc_xattrs_encode(const struct ohc_xattrs *x, struct ohc_buf *ret);
/* False where the bytes are not what ohc_xattrs_encode() gives.  *ret must be empty, and then stays
 * so; with NULL the bytes are only checked. */
bool ohc_xattrs_decode(const void *bytes, size_t n, struct ohc_xattrs *ret);

#endif
