// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/pyc.h"

#include <stdio.h>
#include <string.h>

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool ohc_pyc_source(const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);
	const char *dot;

	if (n < 5 || strcmp(name + n - 4, ".pyc") != 0)
		return false;
	/* x.cpython-312.pyc, x.cpython-312.opt-1.pyc: the tag has no dot of its own. */
	dot = strstr(name, ".cpython-");
	if (!dot)
		dot = strstr(name, ".pypy");
	if (!dot || dot == name)
		return false;
	return snprintf(ret, size, "%.*s.py", (int)(dot - name), name) < (int)size;
}

enum ohc_pyc_state ohc_pyc_state_of(const void *header, size_t n, int64_t mtime, uint64_t size)
{
	const unsigned char *p = header;

	if (n < OHC_PYC_HEADER)
		return OHC_PYC_DAMAGED;
	if (get32(p + 4) != 0)
		return OHC_PYC_HASHED;
	return get32(p + 8) == (uint32_t)mtime && get32(p + 12) == (uint32_t)size ? OHC_PYC_VALID
										  : OHC_PYC_STALE;
}

void ohc_pyc_retime(unsigned char *header, size_t n, int64_t mtime, int64_t size, int64_t to)
{
	if (ohc_pyc_state_of(header, n, mtime, (uint64_t)size) != OHC_PYC_VALID)
		return;
	for (int i = 0; i < 4; i++)
		header[8 + i] = (unsigned char)((uint32_t)to >> (8 * i));
}
