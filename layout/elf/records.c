// SPDX-License-Identifier: Apache-2.0
/* A table has the offset and the width of each field, for 32 and for 64 bits. */
#include "layout/elf/records_internal.h"

#include "core/alloc.h"

struct record_field {
	uint8_t at[2], width[2];
	size_t member;
};

#define F(type, member, at32, at64, w32, w64)                               \
	{                                                                   \
		{ at32, at64 }, { w32, w64 }, offsetof(struct type, member) \
	}

static const struct record_field ehdr_fields[] = {
	F(ohc_elf_ehdr, type, 16, 16, 2, 2),  F(ohc_elf_ehdr, machine, 18, 18, 2, 2),
	F(ohc_elf_ehdr, flags, 36, 48, 4, 4), F(ohc_elf_ehdr, phoff, 28, 32, 4, 8),
	F(ohc_elf_ehdr, shoff, 32, 40, 4, 8), F(ohc_elf_ehdr, phentsize, 42, 54, 2, 2),
	F(ohc_elf_ehdr, phnum, 44, 56, 2, 2), F(ohc_elf_ehdr, shentsize, 46, 58, 2, 2),
	F(ohc_elf_ehdr, shnum, 48, 60, 2, 2), F(ohc_elf_ehdr, shstrndx, 50, 62, 2, 2),
};

static const struct record_field phdr_fields[] = {
	F(ohc_elf_phdr, type, 0, 0, 4, 4),    F(ohc_elf_phdr, flags, 24, 4, 4, 4),
	F(ohc_elf_phdr, offset, 4, 8, 4, 8),  F(ohc_elf_phdr, vaddr, 8, 16, 4, 8),
	F(ohc_elf_phdr, paddr, 12, 24, 4, 8), F(ohc_elf_phdr, filesz, 16, 32, 4, 8),
	F(ohc_elf_phdr, memsz, 20, 40, 4, 8), F(ohc_elf_phdr, align, 28, 48, 4, 8),
};

static const struct record_field shdr_fields[] = {
	F(ohc_elf_shdr, name, 0, 0, 4, 4),     F(ohc_elf_shdr, type, 4, 4, 4, 4),
	F(ohc_elf_shdr, flags, 8, 8, 4, 8),    F(ohc_elf_shdr, addr, 12, 16, 4, 8),
	F(ohc_elf_shdr, offset, 16, 24, 4, 8), F(ohc_elf_shdr, size, 20, 32, 4, 8),
	F(ohc_elf_shdr, info, 28, 44, 4, 4),
};

static const struct record_field dyn_fields[] = {
	F(ohc_elf_dyn, tag, 0, 0, 4, 8),
	F(ohc_elf_dyn, value, 4, 8, 4, 8),
};

size_t ohc_elf_ehdr_size(const struct ohc_elf_reader *r)
{
	return r->wide ? OHC_ELF_EHDR_MAX : 52;
}

size_t ohc_elf_phdr_size(const struct ohc_elf_reader *r)
{
	return r->wide ? OHC_ELF_PHDR_MAX : 32;
}

size_t ohc_elf_shdr_size(const struct ohc_elf_reader *r)
{
	return r->wide ? OHC_ELF_SHDR_MAX : 40;
}

size_t ohc_elf_dyn_size(const struct ohc_elf_reader *r)
{
	return r->wide ? OHC_ELF_DYN_MAX : 8;
}

void ohc_elf_put(const struct ohc_elf_reader *r, unsigned char *to, unsigned int width, uint64_t v)
{
	for (unsigned int i = 0; i < width; i++)
		to[r->elf.big_endian ? width - 1 - i : i] = (unsigned char)(v >> (8 * i));
}

static void get(const struct ohc_elf_reader *r, const struct record_field *f, size_t n,
		const unsigned char *from, void *record)
{
	for (size_t i = 0; i < n; i++)
		*(uint64_t *)((char *)record + f[i].member) =
			ohc_elf_get(r, from + f[i].at[r->wide], f[i].width[r->wide]);
}

static void put(const struct ohc_elf_reader *r, const struct record_field *f, size_t n,
		const void *record, unsigned char *to)
{
	for (size_t i = 0; i < n; i++)
		ohc_elf_put(r, to + f[i].at[r->wide], f[i].width[r->wide],
			    *(const uint64_t *)((const char *)record + f[i].member));
}

void ohc_elf_get_ehdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_ehdr *ret)
{
	get(r, ehdr_fields, OHC_ARRAY_SIZE(ehdr_fields), from, ret);
}

void ohc_elf_put_ehdr(const struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr,
		      unsigned char *to)
{
	put(r, ehdr_fields, OHC_ARRAY_SIZE(ehdr_fields), ehdr, to);
}

void ohc_elf_get_phdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_phdr *ret)
{
	get(r, phdr_fields, OHC_ARRAY_SIZE(phdr_fields), from, ret);
}

void ohc_elf_put_phdr(const struct ohc_elf_reader *r, const struct ohc_elf_phdr *ph,
		      unsigned char *to)
{
	put(r, phdr_fields, OHC_ARRAY_SIZE(phdr_fields), ph, to);
}

void ohc_elf_get_shdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_shdr *ret)
{
	get(r, shdr_fields, OHC_ARRAY_SIZE(shdr_fields), from, ret);
}

void ohc_elf_put_shdr(const struct ohc_elf_reader *r, const struct ohc_elf_shdr *sh,
		      unsigned char *to)
{
	put(r, shdr_fields, OHC_ARRAY_SIZE(shdr_fields), sh, to);
}

void ohc_elf_get_dyn(const struct ohc_elf_reader *r, const unsigned char *from,
		     struct ohc_elf_dyn *ret)
{
	get(r, dyn_fields, OHC_ARRAY_SIZE(dyn_fields), from, ret);
}

void ohc_elf_put_dyn(const struct ohc_elf_reader *r, const struct ohc_elf_dyn *dyn,
		     unsigned char *to)
{
	put(r, dyn_fields, OHC_ARRAY_SIZE(dyn_fields), dyn, to);
}
