/* SPDX-License-Identifier: Apache-2.0 */
/* Reads UTF-8, the only encoding of text in JSON. */
#ifndef OHC_CORE_UTF8_H
#define OHC_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One character of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) at
 * the start of s, which is not empty: its length in bytes, or 0 where this is none. */
size_t ohc_utf8_decode(const char *s, uint32_t *ret);

/* Is all of a text UTF-8? */
bool ohc_utf8_is_whole(const char *s);

#endif
