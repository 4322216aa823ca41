// SPDX-License-Identifier: Apache-2.0
/* Reads the dynamic section: first its numbers, then the texts, for which the numbers are
 * needed. */
#include "layout/elf/records_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

#define NEEDED_MAX 1024

/* The numbers of the dynamic section, which are needed to look up its texts. */
static void read_number(struct ohc_elf_reader *r, uint64_t tag, uint64_t v)
{
	switch (tag) {
	case OHC_DT_STRTAB:
		r->strtab_address = v;
		break;
	case OHC_DT_STRSZ:
		r->strsz = v;
		break;
	case OHC_DT_TEXTREL:
		r->elf.textrel = true;
		break;
	case OHC_DT_FLAGS:
		r->elf.textrel |= (v & OHC_DF_TEXTREL) != 0;
		break;
	case OHC_DT_FLAGS_1:
		r->elf.pie = (v & OHC_DF_1_PIE) != 0;
		r->elf.nodeflib = (v & OHC_DF_1_NODEFLIB) != 0;
		break;
	case OHC_DT_VERNEED:
		r->verneed = v;
		break;
	case OHC_DT_VERNEEDNUM:
		r->verneed_n = v;
		break;
	case OHC_DT_VERDEF:
		r->verdef = v;
		break;
	case OHC_DT_VERDEFNUM:
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
	case OHC_DT_SONAME:
		return read_once(r, v, "DT_SONAME", &r->elf.soname);
	case OHC_DT_RPATH:
		return read_once(r, v, "DT_RPATH", &r->elf.rpath);
	case OHC_DT_RUNPATH:
		return read_once(r, v, "DT_RUNPATH", &r->elf.runpath);
	case OHC_DT_NEEDED:
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

/* Counts the entries up to DT_NULL; or a code. */
static ssize_t read_entries(struct ohc_elf_reader *r, struct ohc_elf_dyn *ret, size_t n)
{
	size_t each = ohc_elf_dyn_size(r), used = 0;
	ohc_cleanup(ohc_freep) unsigned char *raw = ohc_xmalloc(n * each);
	int rc = ohc_elf_fetch(r, r->dynamic, raw, n * each, "the dynamic section");

	if (rc < 0)
		return rc;
	for (; used < n; used++) {
		ohc_elf_get_dyn(r, raw + used * each, &ret[used]);
		if (ret[used].tag == OHC_DT_NULL)
			break;
	}
	return (ssize_t)used;
}

int ohc_elf_read_dynamic(struct ohc_elf_reader *r)
{
	size_t n = (size_t)(r->dynamic_size / ohc_elf_dyn_size(r));
	ohc_cleanup(ohc_freep) struct ohc_elf_dyn *dyn = NULL;
	ssize_t used;
	int rc = 0;

	if (n == 0)
		return 0;
	if (r->dynamic_size > OHC_ELF_DYNAMIC_MAX)
		return ohc_elf_bad(r, "the dynamic section", "is larger than any would be");
	r->elf.dynamic = true;
	dyn = ohc_xcalloc(n, sizeof(*dyn));
	used = read_entries(r, dyn, n);
	if (used < 0)
		return (int)used;
	for (ssize_t i = 0; i < used; i++)
		read_number(r, dyn[i].tag, dyn[i].value);
	if (r->strsz)
		rc = ohc_elf_locate(r, r->strtab_address, "the string table", &r->strtab);
	if (rc == 0 && r->strsz > UINT64_MAX - r->strtab)
		rc = ohc_elf_bad(r, "the string table", "would lie behind its end");
	for (ssize_t i = 0; rc == 0 && i < used; i++)
		rc = read_string(r, dyn[i].tag, dyn[i].value);
	return rc < 0 ? rc : ohc_elf_read_versions(r);
}
