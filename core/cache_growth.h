/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many bytes were written to a cache since it was last measured, kept between runs in its file
 * ohcompose-growth: a decimal number and a line end.  So a run need not measure all entries to
 * know that they are not too many.
 *
 * The number helps and binds nobody: of two runs that end at one moment one may be forgotten, and
 * what cannot be read or written means that the cache is measured once more.
 */
#ifndef OHC_CORE_CACHE_GROWTH_H
#define OHC_CORE_CACHE_GROWTH_H

#include <stdint.h>

/* UINT64_MAX where it is not known. */
uint64_t ohc_cache_growth_read(const char *dir);

void ohc_cache_growth_write(const char *dir, uint64_t bytes);

#endif
