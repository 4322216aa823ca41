/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, 4) of credentials, which are text. */
#ifndef OHC_REGISTRY_BASE64_H
#define OHC_REGISTRY_BASE64_H

#include <stddef.h>

/* The caller frees it. */
char *ohc_base64_encode(const void *data, size_t n);

/* The text, or NULL when it is not base64; padding and line ends may be missing.  The caller frees
 * it; NULs at the end (docker once wrote them) fall away with C's view of a string. */
char *ohc_base64_decode(const char *text);

#endif
