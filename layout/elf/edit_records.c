// SPDX-License-Identifier: Apache-2.0
/*
 * The records of an ELF file (gABI ch. 4 and 5) to structs and back.  A table says of each field
 * where it stands and how wide it is, for 32 and for 64 bits.
 */
#include "layout/elf/edit_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

#define SHDRS_MAX   (64u << 10)
#define DYNAMIC_MAX (64u << 10)

struct field {
	uint8_t at[2], width[2];
	size_t member;
};

#define F(type, member, at32, at64, w32, w64)                               \
	{                                                                   \
		{ at32, at64 }, { w32, w64 }, offsetof(struct type, member) \
	}

static const struct field ehdr_fields[] = {
	F(ohc_elf_ehdr, phoff, 28, 32, 4, 8),     F(ohc_elf_ehdr, shoff, 32, 40, 4, 8),
	F(ohc_elf_ehdr, phentsize, 42, 54, 2, 2), F(ohc_elf_ehdr, phnum, 44, 56, 2, 2),
	F(ohc_elf_ehdr, shentsize, 46, 58, 2, 2), F(ohc_elf_ehdr, shnum, 48, 60, 2, 2),
};

static const struct field phdr_fields[] = {
	F(ohc_elf_phdr, type, 0, 0, 4, 4),    F(ohc_elf_phdr, flags, 24, 4, 4, 4),
	F(ohc_elf_phdr, offset, 4, 8, 4, 8),  F(ohc_elf_phdr, vaddr, 8, 16, 4, 8),
	F(ohc_elf_phdr, paddr, 12, 24, 4, 8), F(ohc_elf_phdr, filesz, 16, 32, 4, 8),
	F(ohc_elf_phdr, memsz, 20, 40, 4, 8), F(ohc_elf_phdr, align, 28, 48, 4, 8),
};

static const struct field shdr_fields[] = {
	F(ohc_elf_shdr, type, 4, 4, 4, 4),   F(ohc_elf_shdr, flags, 8, 8, 4, 8),
	F(ohc_elf_shdr, addr, 12, 16, 4, 8), F(ohc_elf_shdr, offset, 16, 24, 4, 8),
	F(ohc_elf_shdr, size, 20, 32, 4, 8),
};

static const struct field dyn_fields[] = {
	F(ohc_elf_dyn, tag, 0, 0, 4, 8),
	F(ohc_elf_dyn, value, 4, 8, 4, 8),
};

static const uint8_t ehdr_size[2] = { 52, 64 };
static const uint8_t phdr_size[2] = { 32, 56 };
static const uint8_t shdr_size[2] = { 40, 64 };

size_t ohc_elf_phdr_size(const struct ohc_elf_editor *e)
{
	return phdr_size[e->r.wide];
}

size_t ohc_elf_dyn_size(const struct ohc_elf_editor *e)
{
	return e->r.wide ? 16 : 8;
}

static void get(const struct ohc_elf_editor *e, const struct field *f, size_t n,
		const unsigned char *from, void *record)
{
	for (size_t i = 0; i < n; i++)
		*(uint64_t *)((char *)record + f[i].member) =
			ohc_elf_get(&e->r, from + f[i].at[e->r.wide], f[i].width[e->r.wide]);
}

void ohc_elf_put(const struct ohc_elf_editor *e, unsigned char *to, unsigned int width, uint64_t v)
{
	for (unsigned int i = 0; i < width; i++)
		to[e->r.elf.big_endian ? width - 1 - i : i] = (unsigned char)(v >> (8 * i));
}

static void put(const struct ohc_elf_editor *e, const struct field *f, size_t n, const void *record,
		unsigned char *to)
{
	for (size_t i = 0; i < n; i++)
		ohc_elf_put(e, to + f[i].at[e->r.wide], f[i].width[e->r.wide],
			    *(const uint64_t *)((const char *)record + f[i].member));
}

void ohc_elf_put_ehdr(const struct ohc_elf_editor *e, unsigned char *to)
{
	put(e, ehdr_fields, OHC_ARRAY_SIZE(ehdr_fields), &e->ehdr, to);
}

void ohc_elf_put_phdr(const struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph,
		      unsigned char *to)
{
	put(e, phdr_fields, OHC_ARRAY_SIZE(phdr_fields), ph, to);
}

void ohc_elf_put_shdr(const struct ohc_elf_editor *e, const struct ohc_elf_shdr *sh,
		      unsigned char *to)
{
	put(e, shdr_fields, OHC_ARRAY_SIZE(shdr_fields), sh, to);
}

void ohc_elf_put_dyn(const struct ohc_elf_editor *e, const struct ohc_elf_dyn *dyn,
		     unsigned char *to)
{
	put(e, dyn_fields, OHC_ARRAY_SIZE(dyn_fields), dyn, to);
}

static int read_ehdr(struct ohc_elf_editor *e)
{
	int rc;

	e->r.wide = e->facts->bits == 64;
	e->r.elf.big_endian = e->facts->big_endian;
	e->head_size = ehdr_size[e->r.wide];
	rc = ohc_elf_fetch(&e->r, 0, e->head, e->head_size, "the header");
	if (rc < 0)
		return rc;
	get(e, ehdr_fields, OHC_ARRAY_SIZE(ehdr_fields), e->head, &e->ehdr);
	if (e->ehdr.phnum >= OHC_ELF_PHDRS_MAX || e->ehdr.phentsize != phdr_size[e->r.wide])
		return ohc_elf_cannot(e, "has an unusual program header");
	return 0;
}

static size_t count_phdrs(const struct ohc_elf_editor *e, uint64_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_ph; i++)
		n += e->ph[i].type == type;
	return n;
}

static int read_phdrs(struct ohc_elf_editor *e)
{
	unsigned char raw[56];
	int rc = 0;

	e->ph = ohc_xcalloc((size_t)e->ehdr.phnum + 1, sizeof(*e->ph));
	e->n_ph = (size_t)e->ehdr.phnum;
	for (size_t i = 0; rc == 0 && i < e->n_ph; i++) {
		rc = ohc_elf_fetch(&e->r, e->ehdr.phoff + i * phdr_size[e->r.wide], raw,
				   phdr_size[e->r.wide], "the program header");
		if (rc == 0)
			get(e, phdr_fields, OHC_ARRAY_SIZE(phdr_fields), raw, &e->ph[i]);
	}
	if (rc == 0 && (count_phdrs(e, OHC_PT_INTERP) > 1 || count_phdrs(e, OHC_PT_DYNAMIC) > 1))
		return ohc_elf_cannot(e, "has an unusual program header");
	for (size_t i = 0; rc == 0 && i < e->n_ph; i++)
		if (e->ph[i].vaddr > UINT64_MAX / 2 || e->ph[i].memsz > UINT64_MAX / 4 ||
		    e->ph[i].offset > UINT64_MAX / 2 || e->ph[i].filesz > UINT64_MAX / 4)
			return ohc_elf_cannot(e, "lies at unusual addresses");
	return rc;
}

/* No loader needs sections, so a file that was stripped of them, or cut behind them, has none. */
static int read_shdrs(struct ohc_elf_editor *e)
{
	unsigned char raw[64];
	int rc = 0;

	if (e->ehdr.shnum == 0 || e->ehdr.shentsize != shdr_size[e->r.wide] ||
	    e->ehdr.shoff > e->r.in->size ||
	    e->ehdr.shnum * e->ehdr.shentsize > e->r.in->size - e->ehdr.shoff)
		return 0;
	e->sh = ohc_xcalloc((size_t)e->ehdr.shnum, sizeof(*e->sh));
	e->n_sh = (size_t)e->ehdr.shnum;
	for (size_t i = 0; rc == 0 && i < e->n_sh; i++) {
		rc = ohc_elf_fetch(&e->r, e->ehdr.shoff + i * e->ehdr.shentsize, raw,
				   shdr_size[e->r.wide], "the section header");
		if (rc == 0)
			get(e, shdr_fields, OHC_ARRAY_SIZE(shdr_fields), raw, &e->sh[i]);
	}
	return rc;
}

static int read_dynamic(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_DYNAMIC);
	size_t each = ohc_elf_dyn_size(e);
	unsigned char raw[16];
	int rc = 0;

	if (!ph)
		return 0;
	if (ph->filesz > DYNAMIC_MAX)
		return ohc_elf_bad(&e->r, "the dynamic section", "is larger than any would be");
	e->n_dyn = (size_t)(ph->filesz / each);
	e->dyn = ohc_xcalloc(e->n_dyn + 2 + (e->want->needed ? e->want->needed->n : 0),
			     sizeof(*e->dyn));
	for (size_t i = 0; rc == 0 && i < e->n_dyn; i++) {
		rc = ohc_elf_fetch(&e->r, ph->offset + i * each, raw, each, "the dynamic section");
		if (rc == 0)
			get(e, dyn_fields, OHC_ARRAY_SIZE(dyn_fields), raw, &e->dyn[i]);
	}
	return rc;
}

static int find_strings(struct ohc_elf_editor *e)
{
	const struct ohc_elf_dyn *tab = ohc_elf_dyn_of(e, OHC_DT_STRTAB);
	const struct ohc_elf_dyn *size = ohc_elf_dyn_of(e, OHC_DT_STRSZ);

	if (!tab || !size)
		return 0;
	for (size_t i = 0; i < e->n_ph; i++) {
		const struct ohc_elf_phdr *ph = &e->ph[i];

		if (ph->type != OHC_PT_LOAD || tab->value < ph->vaddr ||
		    tab->value - ph->vaddr > ph->filesz ||
		    size->value > ph->filesz - (tab->value - ph->vaddr))
			continue;
		e->strtab = ph->offset + (tab->value - ph->vaddr);
		e->strsz = size->value;
		return 0;
	}
	return ohc_elf_bad(&e->r, "the string table", "is in no part of it that is loaded");
}

int ohc_elf_editor_read(struct ohc_elf_editor *e)
{
	int rc = read_ehdr(e);

	if (rc == 0)
		rc = read_phdrs(e);
	if (rc == 0)
		rc = read_shdrs(e);
	if (rc == 0)
		rc = read_dynamic(e);
	return rc < 0 ? rc : find_strings(e);
}

struct ohc_elf_phdr *ohc_elf_phdr_of(struct ohc_elf_editor *e, uint64_t type)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].type == type)
			return &e->ph[i];
	return NULL;
}

struct ohc_elf_dyn *ohc_elf_dyn_of(struct ohc_elf_editor *e, uint64_t tag)
{
	for (size_t i = 0; i < e->n_dyn && e->dyn[i].tag != OHC_DT_NULL; i++)
		if (e->dyn[i].tag == tag)
			return &e->dyn[i];
	return NULL;
}

void ohc_elf_editor_clear(struct ohc_elf_editor *e)
{
	free(e->ph);
	free(e->sh);
	free(e->dyn);
	free(e->text);
	ohc_buf_clear(&e->grown);
	ohc_patch_clear(&e->patch);
	ohc_elf_reader_clear(&e->r);
}
