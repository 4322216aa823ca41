/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of users and groups as text: digits alone, from 0 to 4294967294.  4294967295 is
 * (uid_t)-1, which chown(2) and setresuid(2) take for "leave it as it is".
 *
 *	if (!ohc_id_parse(text, n, &uid))
 *		...
 */
#ifndef OHC_CORE_ID_H
#define OHC_CORE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OHC_ID_MAX (UINT32_MAX - 1)

/* Parses n bytes of text; *ret changes only where they are an id. */
bool ohc_id_parse(const char *text, size_t n, uint32_t *ret);

#endif
