/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal digits, in lower case as digests have them. */
#ifndef OHC_CORE_HEX_H
#define OHC_CORE_HEX_H

#include <stddef.h>

/* Writes 2n digits and a NUL. */
void ohc_hex_encode(const void *bytes, size_t n, char *ret);

#endif
