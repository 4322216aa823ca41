/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory that zlib compressed (RFC 1950), which are no layer. */
#ifndef OHC_OCI_CODEC_INFLATE_H
#define OHC_OCI_CODEC_INFLATE_H

#include "core/buf.h"
#include "core/error.h"

/* Adds at most max bytes to *ret; more, or what is not whole, is OHC_E_FORMAT. */
int ohc_inflate(const void *data, size_t n, size_t max, struct ohc_buf *ret, struct ohc_error *err);

#endif
