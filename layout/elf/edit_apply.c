// SPDX-License-Identifier: Apache-2.0
/* Carries the plan out on the records: first the program header, then sections and pointers. */
#include "layout/elf/edit_internal.h"

#include <string.h>

#include "core/alloc.h"

static void move_phdr(struct ohc_elf_phdr *ph, const struct ohc_elf_moved *m, uint64_t size)
{
	uint64_t into = ph->offset - m->from;

	ph->offset = m->offset + into;
	ph->vaddr = ph->paddr = m->vaddr + into;
	ph->filesz = ph->memsz = size;
}

static bool holds(const struct ohc_elf_moved *m, uint64_t offset, uint64_t size)
{
	return m->size && offset >= m->from && size <= m->from_size &&
	       offset - m->from <= m->from_size - size;
}

static void move_sections(struct ohc_elf_editor *e, const struct ohc_elf_moved *m, bool resized)
{
	for (size_t i = 0; i < e->n_sh; i++) {
		struct ohc_elf_shdr *sh = &e->sh[i];

		if (!(sh->flags & OHC_SHF_ALLOC) || sh->type == OHC_SHT_NOBITS || sh->changed ||
		    sh->size == 0 || !holds(m, sh->offset, sh->size))
			continue;
		sh->moved = m->vaddr + (sh->offset - m->from) - sh->addr;
		sh->addr += sh->moved;
		sh->offset = m->offset + (sh->offset - m->from);
		if (resized)
			sh->size = m->size;
		sh->changed = true;
	}
}

static void apply_notes(struct ohc_elf_editor *e)
{
	for (size_t k = 0; k < e->n_notes; k++) {
		const struct ohc_elf_moved *m = &e->notes[k];

		for (size_t i = 0; i < e->n_ph; i++) {
			struct ohc_elf_phdr *ph = &e->ph[i];

			if ((ph->type == OHC_PT_NOTE || ph->type == OHC_PT_GNU_PROPERTY) &&
			    holds(m, ph->offset, ph->filesz))
				move_phdr(ph, m, ph->filesz);
		}
		move_sections(e, m, false);
	}
}

static void apply_interp(struct ohc_elf_editor *e)
{
	struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_INTERP);

	if (e->interp_over) {
		uint64_t size = strlen(e->want->interp) + 1;

		for (size_t i = 0; i < e->n_sh; i++)
			if (e->sh[i].offset == ph->offset && e->sh[i].size == ph->filesz) {
				e->sh[i].size = size;
				e->sh[i].changed = true;
			}
		ph->filesz = ph->memsz = size;
	} else if (e->interp.size) {
		move_phdr(ph, &e->interp, e->interp.size);
		move_sections(e, &e->interp, true);
	}
}

static void apply_dynamic(struct ohc_elf_editor *e)
{
	if (e->strings.size) {
		ohc_elf_dyn_of(e, OHC_DT_STRTAB)->value = e->strings.vaddr;
		ohc_elf_dyn_of(e, OHC_DT_STRSZ)->value = e->strings.size;
		move_sections(e, &e->strings, true);
	} else if (e->new_strsz > e->strsz) {
		ohc_elf_dyn_of(e, OHC_DT_STRSZ)->value = e->new_strsz;
	}
	if (e->dynamic.size) {
		move_phdr(ohc_elf_phdr_of(e, OHC_PT_DYNAMIC), &e->dynamic, e->dynamic.size);
		move_sections(e, &e->dynamic, true);
	}
}

/* The new entry goes behind the last PT_LOAD, because addresses must ascend; the others keep their
 * order. */
static void add_phdr(struct ohc_elf_editor *e)
{
	struct ohc_elf_phdr tail = {
		.type = OHC_PT_LOAD,
		.flags = OHC_PF_R | (e->dynamic.size ? OHC_PF_W : 0),
		.offset = e->tail_at,
		.vaddr = e->tail_vaddr,
		.paddr = e->tail_vaddr,
		.filesz = e->tail_size,
		.memsz = e->tail_size,
		.align = e->page,
	};
	size_t at = 0;

	if (e->drop < e->n_ph) {
		e->n_ph--;
		memmove(&e->ph[e->drop], &e->ph[e->drop + 1], (e->n_ph - e->drop) * sizeof(*e->ph));
	}
	for (size_t i = 0; i < e->n_ph; i++)
		if (e->ph[i].type == OHC_PT_LOAD)
			at = i + 1;
	memmove(&e->ph[at + 1], &e->ph[at], (e->n_ph - at) * sizeof(*e->ph));
	e->ph[at] = tail;
	e->n_ph++;
	e->ehdr.phnum = e->n_ph;
}

static void apply_table(struct ohc_elf_editor *e)
{
	struct ohc_elf_phdr *ph;

	if (e->table.size)
		e->ehdr.phoff = e->table.offset;
	ph = ohc_elf_phdr_of(e, OHC_PT_PHDR);
	if (!ph)
		return;
	ph->filesz = ph->memsz = e->n_ph * ohc_elf_phdr_size(&e->r);
	if (e->table.size) {
		ph->offset = e->table.offset;
		ph->vaddr = ph->paddr = e->table.vaddr;
	}
}

void ohc_elf_apply(struct ohc_elf_editor *e)
{
	struct ohc_elf_phdr *stack = ohc_elf_phdr_of(e, OHC_PT_GNU_STACK);

	if (e->new_stack && stack)
		stack->flags &= ~(uint64_t)OHC_PF_X;
	if (e->tail_size)
		add_phdr(e);
	apply_notes(e);
	apply_interp(e);
	apply_dynamic(e);
	if (e->tail_size)
		apply_table(e);
}
