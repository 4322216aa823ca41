/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts for people: "512 B", "45.2 MB" (decimal, as registries and docker count), "1.2 s",
 * "3:05", "1:02:03". */
#ifndef OHC_CORE_UNITS_H
#define OHC_CORE_UNITS_H

#include <stdint.h>

#include "core/error.h"

#define OHC_UNITS_TEXT 32

const char *ohc_units_bytes(uint64_t bytes, char ret[OHC_UNITS_TEXT]);
/* Reads a size as people type it: bytes, or a number with K, M, G or T (binary, as GNU has them).
 * Fails with OHC_E_USAGE. */
int ohc_units_parse(const char *text, uint64_t *ret, struct ohc_error *err);

const char *ohc_units_duration(uint64_t milliseconds, char ret[OHC_UNITS_TEXT]);

#endif
