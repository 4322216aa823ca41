// SPDX-License-Identifier: Apache-2.0
/* The dynamic section: first its numbers, then the texts that need them to be looked up. */
#include "layout/elf/elf_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

#define DYNAMIC_MAX (64u << 10)
#define NEEDED_MAX  1024

enum {
	DT_NEEDED = 1,
	DT_STRTAB = 5,
	DT_STRSZ = 10,
	DT_SONAME = 14,
	DT_RPATH = 15,
	DT_TEXTREL = 22,
	DT_RUNPATH = 29,
	DT_FLAGS = 30,
	DT_VERDEF = 0x6ffffffc,
	DT_VERDEFNUM = 0x6ffffffd,
	DT_VERNEED = 0x6ffffffe,
	DT_VERNEEDNUM = 0x6fffffff,
	DT_FLAGS_1 = 0x6ffffffb,
};
enum { DF_TEXTREL = 4, DF_1_NODEFLIB = 0x800, DF_1_PIE = 0x08000000 };

/* What the dynamic section says in numbers, before its texts can be looked up. */
static void read_number(struct ohc_elf_reader *r, uint64_t tag, uint64_t v)
{
	switch (tag) {
	case DT_STRTAB:
		r->strtab_address = v;
		break;
	case DT_STRSZ:
		r->strsz = v;
		break;
	case DT_TEXTREL:
		r->elf.textrel = true;
		break;
	case DT_FLAGS:
		r->elf.textrel |= (v & DF_TEXTREL) != 0;
		break;
	case DT_FLAGS_1:
		r->elf.pie = (v & DF_1_PIE) != 0;
		r->elf.nodeflib = (v & DF_1_NODEFLIB) != 0;
		break;
	case DT_VERNEED:
		r->verneed = v;
		break;
	case DT_VERNEEDNUM:
		r->verneed_n = v;
		break;
	case DT_VERDEF:
		r->verdef = v;
		break;
	case DT_VERDEFNUM:
		r->verdef_n = v;
		break;
	}
}

static int read_once(struct ohc_elf_reader *r, uint64_t offset, const char *part, char **to)
{
	free(*to);
	*to = NULL; /* the last one counts, as for the loader */
	return ohc_elf_string(r, offset, OHC_ELF_PATHS_MAX, part, to);
}

static int read_string(struct ohc_elf_reader *r, uint64_t tag, uint64_t v)
{
	char *name = NULL;
	int rc;

	switch (tag) {
	case DT_SONAME:
		return read_once(r, v, "DT_SONAME", &r->elf.soname);
	case DT_RPATH:
		return read_once(r, v, "DT_RPATH", &r->elf.rpath);
	case DT_RUNPATH:
		return read_once(r, v, "DT_RUNPATH", &r->elf.runpath);
	case DT_NEEDED:
		if (r->elf.needed.n == NEEDED_MAX)
			return ohc_elf_bad(r, "DT_NEEDED", "is there more often than in any");
		rc = ohc_elf_string(r, v, OHC_ELF_TEXT_MAX, "DT_NEEDED", &name);
		if (rc == 0)
			ohc_strv_take(&r->elf.needed, name);
		return rc;
	default:
		return 0;
	}
}

int ohc_elf_read_dynamic(struct ohc_elf_reader *r)
{
	unsigned int word = r->wide ? 8 : 4;
	uint64_t n = r->dynamic_size / (2 * word);
	ohc_cleanup(ohc_freep) unsigned char *table = NULL;
	size_t used = 0;
	int rc;

	if (n == 0)
		return 0;
	if (r->dynamic_size > DYNAMIC_MAX)
		return ohc_elf_bad(r, "the dynamic section", "is larger than any would be");
	r->elf.dynamic = true;
	table = ohc_xmalloc((size_t)n * 2 * word);
	rc = ohc_elf_fetch(r, r->dynamic, table, (size_t)n * 2 * word, "the dynamic section");
	if (rc < 0)
		return rc;
	for (; used < n && ohc_elf_get(r, table + used * 2 * word, word); used++) {
		const unsigned char *p = table + used * 2 * word;

		read_number(r, ohc_elf_get(r, p, word), ohc_elf_get(r, p + word, word));
	}
	if (r->strsz)
		rc = ohc_elf_locate(r, r->strtab_address, "the string table", &r->strtab);
	if (rc == 0 && r->strsz > UINT64_MAX - r->strtab)
		rc = ohc_elf_bad(r, "the string table", "would lie behind its end");
	for (size_t i = 0; rc == 0 && i < used; i++) {
		const unsigned char *p = table + i * 2 * word;

		rc = read_string(r, ohc_elf_get(r, p, word), ohc_elf_get(r, p + word, word));
	}
	return rc < 0 ? rc : ohc_elf_read_versions(r);
}
