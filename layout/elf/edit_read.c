// SPDX-License-Identifier: Apache-2.0
/* Reads all parts of a file that an edit may change. */
#include "layout/elf/edit_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

static int read_ehdr(struct ohc_elf_editor *e)
{
	int rc;

	e->r.wide = e->facts->bits == 64;
	e->r.elf.big_endian = e->facts->big_endian;
	e->head_size = ohc_elf_ehdr_size(&e->r);
	rc = ohc_elf_fetch(&e->r, 0, e->head, e->head_size, "the header");
	if (rc < 0)
		return rc;
	ohc_elf_get_ehdr(&e->r, e->head, &e->ehdr);
	if (e->ehdr.phnum >= OHC_ELF_PHDRS_MAX || e->ehdr.phentsize != ohc_elf_phdr_size(&e->r))
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
	unsigned char raw[OHC_ELF_PHDR_MAX];
	int rc = 0;

	e->ph = ohc_xcalloc((size_t)e->ehdr.phnum + 1, sizeof(*e->ph));
	e->n_ph = (size_t)e->ehdr.phnum;
	for (size_t i = 0; rc == 0 && i < e->n_ph; i++) {
		rc = ohc_elf_fetch(&e->r, e->ehdr.phoff + i * ohc_elf_phdr_size(&e->r), raw,
				   ohc_elf_phdr_size(&e->r), "the program header");
		if (rc == 0)
			ohc_elf_get_phdr(&e->r, raw, &e->ph[i]);
	}
	if (rc == 0 && (count_phdrs(e, OHC_PT_INTERP) > 1 || count_phdrs(e, OHC_PT_DYNAMIC) > 1))
		return ohc_elf_cannot(e, "has an unusual program header");
	for (size_t i = 0; rc == 0 && i < e->n_ph; i++)
		if (e->ph[i].vaddr > UINT64_MAX / 2 || e->ph[i].memsz > UINT64_MAX / 4 ||
		    e->ph[i].offset > UINT64_MAX / 2 || e->ph[i].filesz > UINT64_MAX / 4)
			return ohc_elf_cannot(e, "lies at unusual addresses");
	return rc;
}

static int read_shdrs(struct ohc_elf_editor *e)
{
	int rc = 0;

	if (!ohc_elf_has_shdrs(&e->r, &e->ehdr))
		return 0;
	e->sh = ohc_xcalloc((size_t)e->ehdr.shnum, sizeof(*e->sh));
	e->n_sh = (size_t)e->ehdr.shnum;
	for (size_t i = 0; rc == 0 && i < e->n_sh; i++)
		rc = ohc_elf_read_shdr(&e->r, &e->ehdr, i, &e->sh[i]);
	return rc;
}

static int read_dynamic(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_DYNAMIC);
	size_t each = ohc_elf_dyn_size(&e->r);
	unsigned char raw[OHC_ELF_DYN_MAX];
	int rc = 0;

	if (!ph)
		return 0;
	if (ph->filesz > OHC_ELF_DYNAMIC_MAX)
		return ohc_elf_bad(&e->r, "the dynamic section", "is larger than any would be");
	e->n_dyn = (size_t)(ph->filesz / each);
	e->dyn = ohc_xcalloc(e->n_dyn + 2 + (e->want->needed ? e->want->needed->n : 0),
			     sizeof(*e->dyn));
	for (size_t i = 0; rc == 0 && i < e->n_dyn; i++) {
		rc = ohc_elf_fetch(&e->r, ph->offset + i * each, raw, each, "the dynamic section");
		if (rc == 0)
			ohc_elf_get_dyn(&e->r, raw, &e->dyn[i]);
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

static void grow(uint64_t *end, uint64_t offset, uint64_t size)
{
	if (size && offset + size > *end)
		*end = offset + size;
}

/* Finds the end of the parts that the tables name, and whether the file ends there.  Zeros behind
 * it are another editor's padding. */
static int find_end(struct ohc_elf_editor *e)
{
	bool zero = true;
	int rc;

	grow(&e->end, 0, e->head_size);
	grow(&e->end, e->ehdr.phoff, e->n_ph * ohc_elf_phdr_size(&e->r));
	grow(&e->end, e->ehdr.shoff, e->n_sh * (size_t)e->ehdr.shentsize);
	for (size_t i = 0; i < e->n_ph; i++)
		grow(&e->end, e->ph[i].offset, e->ph[i].filesz);
	for (size_t i = 0; i < e->n_sh; i++)
		if (e->sh[i].type != OHC_SHT_NOBITS && e->sh[i].type != OHC_SHT_NULL)
			grow(&e->end, e->sh[i].offset, e->sh[i].size);
	/* Where section headers could not be read, they may name more. */
	if (e->n_sh == 0 && e->ehdr.shoff)
		return 0;
	rc = ohc_elf_is_zero(&e->r, e->end, e->r.in->size, &zero);
	e->has_more = !zero;
	return rc;
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
	if (rc == 0)
		rc = find_strings(e);
	return rc < 0 ? rc : find_end(e);
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
	free(e->holes);
	free(e->over);
	ohc_buf_clear(&e->grown);
	ohc_patch_clear(&e->patch);
	ohc_elf_reader_clear(&e->r);
}
