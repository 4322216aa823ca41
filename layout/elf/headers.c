// SPDX-License-Identifier: Apache-2.0
/*
 * The header and the program header (gABI ch. 4 and 5).  Fields are described by place and width
 * for both word sizes; get() fetches one by the file's byte order.
 */
#include "layout/elf/elf_internal.h"

#include "core/alloc.h"

#define PHDRS_MAX 1024 /* the kernel takes 64 KiB of them */

enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3, PT_GNU_STACK = 0x6474e551 };
enum { PF_X = 1 };

/* The header and the program header, for 32 and for 64 bits. */
struct field {
	uint8_t at[2], width[2];
};

static const struct field e_phoff = { { 28, 32 }, { 4, 8 } };
static const struct field e_shoff = { { 32, 40 }, { 4, 8 } };
static const struct field e_flags = { { 36, 48 }, { 4, 4 } };
static const struct field e_phentsize = { { 42, 54 }, { 2, 2 } };
static const struct field e_phnum = { { 44, 56 }, { 2, 2 } };
static const struct field sh_info = { { 28, 44 }, { 4, 4 } };
static const struct field p_flags = { { 24, 4 }, { 4, 4 } };
static const struct field p_offset = { { 4, 8 }, { 4, 8 } };
static const struct field p_vaddr = { { 8, 16 }, { 4, 8 } };
static const struct field p_filesz = { { 16, 32 }, { 4, 8 } };
static const uint8_t ehdr_size[2] = { 52, 64 };
static const uint8_t phdr_size[2] = { 32, 56 };
static const uint8_t shdr_size[2] = { 40, 64 };

static uint64_t get(const struct ohc_elf_reader *r, const unsigned char *p, struct field f)
{
	return ohc_elf_get(r, p + f.at[r->wide], f.width[r->wide]);
}

static int read_ident(struct ohc_elf_reader *r, unsigned char *ehdr)
{
	int rc = ohc_elf_fetch(r, 0, ehdr, 16, "the header");

	if (rc < 0)
		return rc;
	if (ehdr[4] < 1 || ehdr[4] > 2 || ehdr[5] < 1 || ehdr[5] > 2)
		return ohc_elf_bad(r, "the header", "has an unknown word size or byte order");
	r->wide = ehdr[4] == 2;
	r->elf.bits = r->wide ? 64 : 32;
	r->elf.big_endian = ehdr[5] == 2;
	rc = ohc_elf_fetch(r, 0, ehdr, ehdr_size[r->wide], "the header");
	if (rc < 0)
		return rc;
	r->elf.type = (uint16_t)ohc_elf_get(r, ehdr + 16, 2);
	r->elf.machine = (uint16_t)ohc_elf_get(r, ehdr + 18, 2);
	r->elf.flags = (uint32_t)get(r, ehdr, e_flags);
	return 0;
}

/* gABI: what does not fit into e_phnum stands in the first section header. */
static int count_phdrs(struct ohc_elf_reader *r, const unsigned char *ehdr, uint64_t *ret)
{
	unsigned char shdr[64];
	int rc;

	*ret = get(r, ehdr, e_phnum);
	if (*ret != 0xffff)
		return 0;
	rc = ohc_elf_fetch(r, get(r, ehdr, e_shoff), shdr, shdr_size[r->wide],
			   "the section header");
	if (rc == 0)
		*ret = get(r, shdr, sh_info);
	return rc;
}

static void read_phdr(struct ohc_elf_reader *r, const unsigned char *phdr)
{
	uint64_t offset = get(r, phdr, p_offset), size = get(r, phdr, p_filesz);

	switch ((uint32_t)ohc_elf_get(r, phdr, 4)) {
	case PT_LOAD:
		r->loads[r->n_loads++] =
			(struct ohc_elf_load){ get(r, phdr, p_vaddr), offset, size };
		break;
	case PT_DYNAMIC:
		r->dynamic = offset;
		r->dynamic_size = size;
		break;
	case PT_GNU_STACK:
		r->elf.stack = get(r, phdr, p_flags) & PF_X ? OHC_ELF_STACK_EXECUTABLE
							    : OHC_ELF_STACK_PLAIN;
		break;
	case PT_INTERP:
		r->interp = offset;
		r->interp_size = size;
		break;
	}
}

static int read_phdrs(struct ohc_elf_reader *r, const unsigned char *ehdr)
{
	uint64_t at = get(r, ehdr, e_phoff), each = get(r, ehdr, e_phentsize), n;
	unsigned char phdr[56];
	int rc = count_phdrs(r, ehdr, &n);

	if (rc < 0)
		return rc;
	if (n > PHDRS_MAX)
		return ohc_elf_bad(r, "the program header", "has more entries than any would");
	if (n && each < phdr_size[r->wide])
		return ohc_elf_bad(r, "the program header", "has entries that are too small");
	r->loads = ohc_xcalloc((size_t)n, sizeof(*r->loads));
	for (uint64_t i = 0; rc == 0 && i < n; i++) {
		if (at > UINT64_MAX - each * (i + 1))
			return ohc_elf_bad(r, "the program header", "would lie behind its end");
		rc = ohc_elf_fetch(r, at + each * i, phdr, phdr_size[r->wide],
				   "the program header");
		if (rc == 0)
			read_phdr(r, phdr);
	}
	return rc;
}

int ohc_elf_read_headers(struct ohc_elf_reader *r)
{
	unsigned char ehdr[64] = { 0 };
	int rc = read_ident(r, ehdr);

	return rc < 0 ? rc : read_phdrs(r, ehdr);
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
