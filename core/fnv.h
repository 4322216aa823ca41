/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FNV-1a, 64 bits (draft-eastlake-fnv): the hash of names in tables that only this process sees.
 * Anybody can choose names that collide: a table of a stranger's names limits how many it compares.
 *
 *	uint64_t h = ohc_fnv_add(OHC_FNV_INIT, name, len);
 */
#ifndef OHC_CORE_FNV_H
#define OHC_CORE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define OHC_FNV_INIT UINT64_C(14695981039346656037)

static inline uint64_t ohc_fnv_add(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

#endif
