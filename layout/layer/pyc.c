// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/pyc.h"

#include <string.h>

#include "core/alloc.h"

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The length of a module's name in front of the tag, which has no dot in it: x.cpython-312.pyc,
 * x.cpython-312.opt-1.pyc.  0: name is no bytecode. */
static size_t module_of(const char *name)
{
	size_t n = strlen(name);
	const char *dot;

	if (n < 5 || strcmp(name + n - 4, ".pyc") != 0)
		return 0;
	dot = strstr(name, ".cpython-");
	if (!dot)
		dot = strstr(name, ".pypy");
	return dot ? (size_t)(dot - name) : 0;
}

char *ohc_pyc_source(const char *path)
{
	const char *name = strrchr(path, '/'), *dir;
	size_t n = name ? module_of(name + 1) : 0;

	if (n == 0)
		return NULL;
	dir = memrchr(path, '/', (size_t)(name - path));
	return dir ? ohc_xasprintf("%.*s/%.*s.py", (int)(dir - path), path, (int)n, name + 1)
		   : NULL;
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

void ohc_pyc_retime(const struct ohc_pyc_tree *tree, const char *path, unsigned char *header,
		    size_t n)
{
	ohc_cleanup(ohc_freep) char *source =
		tree->mtime == OHC_MTIME_PRESERVE ? NULL : ohc_pyc_source(path);
	int64_t mtime, to;
	uint64_t size;

	if (!source || !tree->find(tree->ctx, source, &mtime, &size) ||
	    ohc_pyc_state_of(header, n, mtime, size) != OHC_PYC_VALID)
		return;
	to = ohc_mtime_of(tree->mtime, tree->time, mtime);
	for (int i = 0; i < 4; i++)
		header[8 + i] = (unsigned char)((uint32_t)to >> (8 * i));
}
