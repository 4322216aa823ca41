/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts for people: "512 B", "45.2 MB" (decimal, as registries and docker count), "1.2 s",
 * "3:05", "1:02:03". */
#ifndef OHC_CMD_UNITS_H
#define OHC_CMD_UNITS_H

#include <stdint.h>

#define OHC_UNITS_TEXT 32

const char *ohc_units_bytes(uint64_t bytes, char ret[OHC_UNITS_TEXT]);
const char *ohc_units_duration(uint64_t milliseconds, char ret[OHC_UNITS_TEXT]);

#endif
