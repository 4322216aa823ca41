// SPDX-License-Identifier: Apache-2.0
/*
 * Finds room within the file: zeros that are loaded and belong to nothing, as linkers leave them
 * where sections and segments are aligned.  Using them moves nothing, so that data behind the
 * file's own end stays where the program looks for it, and the program header needs no entry.
 *
 * A text among the dynamic strings must be reached from their start by a number that is not
 * negative, and through bytes that are all loaded from the file: DT_STRSZ grows up to it.  Where no
 * hole behind the strings is large enough, all strings are copied to one that is.
 */
#include "layout/elf/edit_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* Holes come from the alignment of pages and sections, so no more of one is looked at. */
#define HOLE_MAX  (64u << 10)
#define HOLE_MIN  16
#define PAGE      0x1000
#define HOLES_MAX 256

/* As ohc_elf_plan_dynamic() takes texts of this size at most. */

struct span {
	uint64_t from, to;
};

/* The parts of the file that are in use, sorted by offset. */
struct used_places {
	struct span *v;
	size_t n;
};

static void take(struct used_places *t, uint64_t from, uint64_t size)
{
	if (size)
		t->v[t->n++] = (struct span){ from, from + size };
}

static int by_place(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* Segments that describe a part of the file, unlike those that only mark a part's properties. */
static bool is_part(const struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph)
{
	return ph->type != OHC_PT_LOAD && ph->type != OHC_PT_NULL && ph->type != OHC_PT_GNU_RELRO &&
	       !(ph->type == OHC_PT_PHDR && ph->offset == e->ehdr.phoff);
}

static void find_taken(const struct ohc_elf_editor *e, struct used_places *ret)
{
	ret->v = ohc_xcalloc(e->n_ph + e->n_sh + 3, sizeof(*ret->v));
	take(ret, 0, e->head_size);
	take(ret, e->ehdr.phoff, e->n_ph * ohc_elf_phdr_size(&e->r));
	take(ret, e->ehdr.shoff, e->n_sh * (size_t)e->ehdr.shentsize);
	for (size_t i = 0; i < e->n_ph; i++)
		if (is_part(e, &e->ph[i]))
			take(ret, e->ph[i].offset, e->ph[i].filesz);
	for (size_t i = 0; i < e->n_sh; i++)
		if (e->sh[i].type != OHC_SHT_NOBITS && e->sh[i].type != OHC_SHT_NULL)
			take(ret, e->sh[i].offset, e->sh[i].size);
	qsort(ret->v, ret->n, sizeof(*ret->v), by_place);
}

/* The offset up to which a segment is mapped: whole pages are, up to where the next segment or its
 * own .bss begins. */
static uint64_t mapped_to(const struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph)
{
	uint64_t end = ph->offset + ph->filesz, to = (ph->vaddr + ph->filesz + PAGE - 1) & -PAGE;

	to = ph->memsz > ph->filesz ? end : ph->offset + (to - ph->vaddr);
	for (size_t i = 0; i < e->n_ph; i++) {
		const struct ohc_elf_phdr *o = &e->ph[i];

		if (o->type != OHC_PT_LOAD || o == ph)
			continue;
		if (o->offset >= end && o->offset < to)
			to = o->offset;
		if (o->vaddr >= ph->vaddr + ph->filesz &&
		    (o->vaddr & -PAGE) < ph->vaddr + (to - ph->offset))
			to = end;
	}
	return to < e->end ? to : e->end;
}

/* Cuts the hole at its first byte that is not zero. */
static int zeros_of(struct ohc_elf_editor *e, struct span *s)
{
	size_t n = s->to - s->from < HOLE_MAX ? (size_t)(s->to - s->from) : HOLE_MAX, i = 0;
	ohc_cleanup(ohc_freep) unsigned char *bytes = ohc_xmalloc(n);
	int rc = ohc_elf_fetch(&e->r, s->from, bytes, n, "a segment");

	while (rc == 0 && i < n && bytes[i] == 0)
		i++;
	s->to = s->from + i;
	return rc;
}

/* The first byte may be needed as the zero that ends a text before it. */
static int add_hole(struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph, uint64_t from,
		    uint64_t to)
{
	struct span s = { (from + 8) & -(uint64_t)8, to };
	int rc;

	if (to <= s.from || to - s.from < HOLE_MIN || e->n_holes == HOLES_MAX)
		return 0;
	rc = zeros_of(e, &s);
	if (rc < 0 || s.to - s.from < HOLE_MIN)
		return rc;
	e->holes = ohc_xrealloc(e->holes, e->n_holes + 1, sizeof(*e->holes));
	e->holes[e->n_holes++] = (struct ohc_elf_hole){ s.from, s.to, (size_t)(ph - e->ph) };
	return 0;
}

/* Without section headers only the rest of a page behind a segment counts as a hole. */
static int holes_of(struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph,
		    const struct used_places *taken)
{
	uint64_t at = e->n_sh ? ph->offset : ph->offset + ph->filesz, to = mapped_to(e, ph);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < taken->n && at < to; i++) {
		const struct span *s = &taken->v[i];

		if (s->from > at)
			rc = add_hole(e, ph, at, s->from < to ? s->from : to);
		at = s->to > at ? s->to : at;
	}
	return rc == 0 && at < to ? add_hole(e, ph, at, to) : rc;
}

int ohc_elf_find_holes(struct ohc_elf_editor *e)
{
	struct used_places taken = { .n = 0 };
	int rc = 0;

	find_taken(e, &taken);
	/* Holes in memory that the program writes to come last. */
	for (int write = 0; write < 2; write++)
		for (size_t i = 0; rc == 0 && i < e->n_ph; i++)
			if (e->ph[i].type == OHC_PT_LOAD &&
			    (e->ph[i].flags & OHC_PF_W) == (write ? OHC_PF_W : 0))
				rc = holes_of(e, &e->ph[i], &taken);
	free(taken.v);
	return rc;
}

/* A segment that ends before the hole is extended over it. */
static void use_hole(struct ohc_elf_editor *e, struct ohc_elf_hole *h, uint64_t size,
		     uint64_t *ret_offset, uint64_t *ret_vaddr)
{
	struct ohc_elf_phdr *ph = &e->ph[h->load];

	*ret_offset = h->from;
	*ret_vaddr = ph->vaddr + (h->from - ph->offset);
	h->from += size;
	if (h->from > ph->offset + ph->filesz) {
		ph->filesz = h->from - ph->offset;
		ph->memsz = ph->filesz;
	}
}

static bool hole_for(struct ohc_elf_editor *e, uint64_t size, struct ohc_elf_moved *ret)
{
	for (size_t i = 0; i < e->n_holes; i++) {
		struct ohc_elf_hole *h = &e->holes[i];

		if (h->to - h->from < size)
			continue;
		ret->size = size;
		use_hole(e, h, size, &ret->offset, &ret->vaddr);
		return true;
	}
	return false;
}

bool ohc_elf_has_hole(const struct ohc_elf_editor *e, uint64_t size)
{
	for (size_t i = 0; i < e->n_holes; i++)
		if (e->holes[i].to - e->holes[i].from >= size)
			return true;
	return false;
}

int ohc_elf_no_hole(struct ohc_elf_editor *e)
{
	return ohc_elf_cannot(e, "has data of its own behind its end, which it would not find "
				 "there any more, and no room in front of that");
}

int ohc_elf_make_room(struct ohc_elf_editor *e, struct ohc_elf_moved *ret, uint64_t size,
		      uint64_t from, uint64_t from_size)
{
	*ret = (struct ohc_elf_moved){ .from = from, .from_size = from_size };
	if (!e->in_holes)
		ohc_elf_tail_take(e, ret, size, 1, from, from_size);
	else if (!hole_for(e, size, ret))
		return ohc_elf_no_hole(e);
	return 0;
}

bool ohc_elf_hole_for_text(struct ohc_elf_editor *e, uint64_t size, uint64_t *ret_at)
{
	for (size_t i = 0; i < e->n_holes; i++) {
		struct ohc_elf_hole *h = &e->holes[i];
		const struct ohc_elf_phdr *ph = &e->ph[h->load];
		uint64_t offset, vaddr;

		if (h->to - h->from < size || h->from < e->strtab + e->strsz ||
		    e->strtab < ph->offset || h->from - e->strtab > OHC_ELF_STRINGS_MAX - size)
			continue;
		use_hole(e, h, size, &offset, &vaddr);
		*ret_at = offset - e->strtab;
		return true;
	}
	return false;
}
