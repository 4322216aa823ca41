// SPDX-License-Identifier: Apache-2.0
/* Reads the header and the program header (gABI ch. 4 and 5). */
#include "layout/elf/records_internal.h"

#include "core/alloc.h"

int ohc_elf_read_ehdr(struct ohc_elf_reader *r, struct ohc_elf_ehdr *ret)
{
	unsigned char raw[OHC_ELF_EHDR_MAX];
	int rc = ohc_elf_fetch(r, 0, raw, 16, "the header");

	if (rc < 0)
		return rc;
	if (raw[4] < 1 || raw[4] > 2 || raw[5] < 1 || raw[5] > 2)
		return ohc_elf_bad(r, "the header", "has an unknown word size or byte order");
	r->wide = raw[4] == 2;
	r->elf.bits = r->wide ? 64 : 32;
	r->elf.big_endian = raw[5] == 2;
	rc = ohc_elf_fetch(r, 0, raw, ohc_elf_ehdr_size(r), "the header");
	if (rc < 0)
		return rc;
	ohc_elf_get_ehdr(r, raw, ret);
	r->elf.type = (uint16_t)ret->type;
	r->elf.machine = (uint16_t)ret->machine;
	r->elf.flags = (uint32_t)ret->flags;
	r->elf.osabi = raw[7];
	return 0;
}

bool ohc_elf_has_shdrs(const struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr)
{
	return ehdr->shnum && ehdr->shentsize == ohc_elf_shdr_size(r) &&
	       ehdr->shoff <= r->in->size &&
	       ehdr->shnum * ehdr->shentsize <= r->in->size - ehdr->shoff;
}

int ohc_elf_read_shdr(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr, uint64_t i,
		      struct ohc_elf_shdr *ret)
{
	unsigned char raw[OHC_ELF_SHDR_MAX];
	int rc = ohc_elf_fetch(r, ehdr->shoff + i * ehdr->shentsize, raw, ohc_elf_shdr_size(r),
			       "the section header");

	if (rc == 0)
		ohc_elf_get_shdr(r, raw, ret);
	return rc;
}

/* gABI: a number that does not fit into e_phnum stands in the first section header. */
static int count_phdrs(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr, uint64_t *ret)
{
	struct ohc_elf_shdr first;
	int rc;

	*ret = ehdr->phnum;
	if (*ret != 0xffff)
		return 0;
	rc = ohc_elf_read_shdr(r, ehdr, 0, &first);
	if (rc == 0)
		*ret = first.info;
	return rc;
}

static void note_phdr(struct ohc_elf_reader *r, const struct ohc_elf_phdr *ph)
{
	switch (ph->type) {
	case OHC_PT_LOAD:
		r->loads[r->n_loads++] = (struct ohc_elf_load){ ph->vaddr, ph->offset, ph->filesz,
								ph->flags & OHC_PF_W };
		break;
	case OHC_PT_DYNAMIC:
		r->dynamic = ph->offset;
		r->dynamic_size = ph->filesz;
		break;
	case OHC_PT_GNU_STACK:
		r->elf.stack =
			ph->flags & OHC_PF_X ? OHC_ELF_STACK_EXECUTABLE : OHC_ELF_STACK_PLAIN;
		break;
	case OHC_PT_INTERP:
		r->interp = ph->offset;
		r->interp_size = ph->filesz;
		break;
	}
}

static int read_phdrs(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr)
{
	uint64_t at = ehdr->phoff, each = ehdr->phentsize, n;
	unsigned char raw[OHC_ELF_PHDR_MAX];
	struct ohc_elf_phdr ph;
	int rc = count_phdrs(r, ehdr, &n);

	if (rc < 0)
		return rc;
	if (n > OHC_ELF_PHDRS_MAX)
		return ohc_elf_bad(r, "the program header", "has more entries than any would");
	if (n && each < ohc_elf_phdr_size(r))
		return ohc_elf_bad(r, "the program header", "has entries that are too small");
	r->loads = ohc_xcalloc((size_t)n, sizeof(*r->loads));
	for (uint64_t i = 0; rc == 0 && i < n; i++) {
		if (at > UINT64_MAX - each * (i + 1))
			return ohc_elf_bad(r, "the program header", "would lie behind its end");
		rc = ohc_elf_fetch(r, at + each * i, raw, ohc_elf_phdr_size(r),
				   "the program header");
		if (rc < 0)
			return rc;
		ohc_elf_get_phdr(r, raw, &ph);
		note_phdr(r, &ph);
	}
	return 0;
}

int ohc_elf_read_headers(struct ohc_elf_reader *r)
{
	struct ohc_elf_ehdr ehdr;
	int rc = ohc_elf_read_ehdr(r, &ehdr);

	return rc < 0 ? rc : read_phdrs(r, &ehdr);
}

int ohc_elf_read_interp(struct ohc_elf_reader *r)
{
	if (r->interp_size == 0)
		return 0;
	if (r->interp_size > OHC_ELF_TEXT_MAX || r->interp > UINT64_MAX - r->interp_size)
		return ohc_elf_bad(r, "the interpreter's name", "is longer than any would be");
	return ohc_elf_text(r, r->interp, r->interp + r->interp_size, OHC_ELF_TEXT_MAX,
			    "the interpreter's name", &r->elf.interp);
}
