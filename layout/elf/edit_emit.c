// SPDX-License-Identifier: Apache-2.0
/* Writes the records and texts as bytes: those that differ from the file become pieces of the
 * patch. */
#include "layout/elf/edit_internal.h"

#include <string.h>

#include "core/alloc.h"

/* A piece over existing bytes only has those that differ. */
static int emit(struct ohc_elf_editor *e, uint64_t offset, const void *data, size_t n)
{
	ohc_cleanup(ohc_freep) unsigned char *old = NULL;
	const unsigned char *now = data;
	size_t skip = 0;
	int rc;

	if (n == 0)
		return 0;
	if (e->tail_size && offset >= e->tail_at) {
		ohc_patch_set(&e->patch, offset, data, n);
		return 0;
	}
	old = ohc_xmalloc(n ? n : 1);
	rc = ohc_elf_fetch(&e->r, offset, old, n, "what is edited");
	if (rc < 0)
		return rc;
	while (skip < n && old[skip] == now[skip])
		skip++;
	while (n > skip && old[n - 1] == now[n - 1])
		n--;
	if (n > skip)
		ohc_patch_set(&e->patch, offset + skip, now + skip, n - skip);
	return 0;
}

/* Cleared, so that a further edit finds room there. */
static int clear(struct ohc_elf_editor *e, uint64_t offset, uint64_t n)
{
	ohc_cleanup(ohc_freep) unsigned char *zeros = ohc_xcalloc((size_t)n + 1, 1);

	return emit(e, offset, zeros, (size_t)n);
}

static int emit_ehdr(struct ohc_elf_editor *e)
{
	unsigned char head[sizeof(e->head)];

	memcpy(head, e->head, sizeof(head));
	ohc_elf_put_ehdr(&e->r, &e->ehdr, head);
	return emit(e, 0, head, e->head_size);
}

static int emit_phdrs(struct ohc_elf_editor *e)
{
	size_t each = ohc_elf_phdr_size(&e->r);
	ohc_cleanup(ohc_freep) unsigned char *table = ohc_xcalloc(e->n_ph, each);

	for (size_t i = 0; i < e->n_ph; i++)
		ohc_elf_put_phdr(&e->r, &e->ph[i], table + i * each);
	if (e->tail_size == 0)
		return emit(e, e->ehdr.phoff, table, e->n_ph * each);
	/* Written as a whole, because it may lie over bytes that were cleared. */
	ohc_patch_set(&e->patch, e->ehdr.phoff, table, e->n_ph * each);
	return 0;
}

static int emit_shdrs(struct ohc_elf_editor *e)
{
	size_t each = (size_t)e->ehdr.shentsize;
	unsigned char raw[64];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < e->n_sh; i++) {
		uint64_t at = e->ehdr.shoff + i * each;

		if (!e->sh[i].changed)
			continue;
		rc = ohc_elf_fetch(&e->r, at, raw, each, "the section header");
		ohc_elf_put_shdr(&e->r, &e->sh[i], raw);
		if (rc == 0)
			rc = emit(e, at, raw, each);
	}
	return rc;
}

static int emit_dynamic(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_DYNAMIC);
	size_t each = ohc_elf_dyn_size(&e->r);
	ohc_cleanup(ohc_freep) unsigned char *raw = ohc_xcalloc(e->n_dyn + 1, each);

	for (size_t i = 0; i < e->n_dyn; i++)
		ohc_elf_put_dyn(&e->r, &e->dyn[i], raw + i * each);
	return ph ? emit(e, ph->offset, raw, e->n_dyn * each) : 0;
}

static int emit_strings(struct ohc_elf_editor *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < e->n_over; i++)
		rc = emit(e, e->strtab + e->over[i].at, e->over[i].text,
			  strlen(e->over[i].text) + 1);
	if (rc == 0 && e->strings.size)
		rc = emit(e, e->strings.offset, e->grown.data, e->grown.len);
	return rc;
}

static int emit_interp(struct ohc_elf_editor *e)
{
	const char *interp = e->new_interp ? e->want->interp : e->facts->interp;
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_INTERP);
	int rc = 0;

	if (e->interp.size)
		rc = clear(e, e->interp.from, e->interp.from_size);
	if (rc == 0 && (e->interp.size || e->interp_over))
		rc = emit(e, ph->offset, interp, strlen(interp) + 1);
	return rc;
}

static int emit_notes(struct ohc_elf_editor *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < e->n_notes; i++) {
		const struct ohc_elf_moved *m = &e->notes[i];
		ohc_cleanup(ohc_freep) unsigned char *note = ohc_xmalloc((size_t)m->size);

		rc = ohc_elf_fetch(&e->r, m->from, note, (size_t)m->size, "a note");
		if (rc == 0)
			rc = emit(e, m->offset, note, (size_t)m->size);
		if (rc == 0)
			rc = clear(e, m->from, m->from_size);
	}
	return rc;
}

enum { ST_VALUE_32 = 4, ST_SHNDX_32 = 14, ST_SHNDX_64 = 6, ST_VALUE_64 = 8 };

enum { SHN_ABS = 0xfff1 };

/* The amount to add to a symbol of this section and value.
 * Some linkers make _DYNAMIC an absolute one. */
static uint64_t symbol_moved(const struct ohc_elf_editor *e, uint64_t section, uint64_t value)
{
	if (section < e->n_sh)
		return e->sh[section].moved;
	for (size_t i = 0; section == SHN_ABS && i < e->n_sh; i++)
		if (e->sh[i].type == OHC_SHT_DYNAMIC && e->sh[i].addr - e->sh[i].moved == value)
			return e->sh[i].moved;
	return 0;
}

static int emit_symbol(struct ohc_elf_editor *e, uint64_t at, uint64_t each)
{
	unsigned int word = e->r.wide ? 8 : 4, value_at = e->r.wide ? ST_VALUE_64 : ST_VALUE_32;
	unsigned char sym[24], value[8];
	uint64_t section, v, moved;
	int rc = ohc_elf_fetch(&e->r, at, sym, (size_t)each, "a symbol");

	if (rc < 0)
		return rc;
	section = ohc_elf_get(&e->r, sym + (e->r.wide ? ST_SHNDX_64 : ST_SHNDX_32), 2);
	v = ohc_elf_get(&e->r, sym + value_at, word);
	moved = symbol_moved(e, section, v);
	if (moved) {
		ohc_elf_put(&e->r, value, word, v + moved);
		ohc_patch_set(&e->patch, at + value_at, value, word);
	}
	return 0;
}

/* Changes symbols in sections that moved.  There are few, such as "__execable_dl_loader" in
 * libraries that can be started. */
static int emit_symbols(struct ohc_elf_editor *e)
{
	uint64_t each = e->r.wide ? 24 : 16;
	int rc = 0;

	if (e->tail_size == 0)
		return 0;
	for (size_t i = 0; i < e->n_sh; i++) {
		const struct ohc_elf_shdr *sh = &e->sh[i];

		if ((sh->type != OHC_SHT_SYMTAB && sh->type != OHC_SHT_DYNSYM) ||
		    sh->offset > e->r.in->size || sh->size > e->r.in->size - sh->offset)
			continue;
		for (uint64_t k = 0; rc == 0 && sh->size - k >= each; k += each)
			rc = emit_symbol(e, sh->offset + k, each);
	}
	return rc;
}

/* The program header is written after the clearing, because it may have grown over cleared
 * bytes. */
int ohc_elf_emit(struct ohc_elf_editor *e)
{
	static int (*const steps[])(
		struct ohc_elf_editor *) = { emit_ehdr,    emit_interp,  emit_notes, emit_phdrs,
					     emit_strings, emit_dynamic, emit_shdrs, emit_symbols };
	int rc = 0;

	e->patch.size = e->tail_size ? e->tail_at + e->tail_size : e->r.in->size;
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(steps); i++)
		rc = steps[i](e);
	return rc;
}
