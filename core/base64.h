/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, 4), as credentials and a descriptor's `data` have it; by libcrypto. */
#ifndef OHC_CORE_BASE64_H
#define OHC_CORE_BASE64_H

#include <stddef.h>

/* The caller frees it. */
char *ohc_base64_encode(const void *data, size_t n);

/* The bytes and, where ret_n is not NULL, their count; NULL when it is not base64.  Padding and
 * line ends may be missing.  A NUL stands behind the bytes, so that text is a C string (NULs at its
 * end, which docker once wrote, fall away then).  The caller frees it. */
char *ohc_base64_decode(const char *text, size_t *ret_n);

#endif
