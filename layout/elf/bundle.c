// SPDX-License-Identifier: Apache-2.0
/*
 * Finds the mark of .NET's programs in one file: eight bytes that say where in the file their
 * assemblies are listed, and the digest of ".net core bundle" behind them.  They count from the
 * beginning of the file, so nothing is lost by what is put behind its end.  (dotnet/runtime,
 * corehost/apphost/bundle_marker.cpp)
 */
#include "layout/elf/elf_internal.h"

#include <endian.h>
#include <string.h>

#include "core/alloc.h"

/* The mark is in the program's variables, which are some hundreds of kilobytes. */
#define VARIABLES_MAX (4u << 20)

static const unsigned char mark[] = { 0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38,
				      0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
				      0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18,
				      0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae };

int ohc_elf_has_bundle(struct ohc_elf_reader *r, uint64_t offset, uint64_t size, bool *ret)
{
	ohc_cleanup(ohc_freep) unsigned char *bytes = NULL;
	const unsigned char *p;
	uint64_t at;
	int rc;

	if (size > VARIABLES_MAX || size < sizeof(at) + sizeof(mark))
		return 0;
	bytes = ohc_xmalloc((size_t)size);
	rc = ohc_elf_fetch(r, offset, bytes, (size_t)size, "its variables");
	p = rc < 0 ? NULL : memmem(bytes, (size_t)size, mark, sizeof(mark));
	if (!p || p < bytes + sizeof(at))
		return rc;
	memcpy(&at, p - sizeof(at), sizeof(at));
	at = le64toh(at);
	*ret |= at >= offset + size && at < r->in->size;
	return 0;
}
