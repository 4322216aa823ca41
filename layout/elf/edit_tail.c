// SPDX-License-Identifier: Apache-2.0
/* Plans the tail: its entry of the program header, and its offset and address. */
#include "layout/elf/edit_internal.h"

#include <string.h>

#include "core/alloc.h"

/* The alignment of segments tells the size of pages, from 4 to 64 KiB. */
#define PAGE_MIN 0x1000
#define PAGE_MAX 0x10000

#define TAIL_ALIGN  16
#define NOTE_MAX    (64u << 10)
#define PADDING_MAX (64u << 20)

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

void ohc_elf_tail_take(struct ohc_elf_editor *e, struct ohc_elf_moved *ret, uint64_t size,
		       uint64_t align, uint64_t from, uint64_t from_size)
{
	uint64_t at = round_up(e->tail_size, align);

	*ret = (struct ohc_elf_moved){
		.at = at, .size = size, .from = from, .from_size = from_size
	};
	e->tail_size = at + size;
}

/* The bytes [from, to) of the file that the new entry would lie over. */
struct room {
	uint64_t from, to;
};

static bool overlaps(uint64_t offset, uint64_t size, const struct room *room)
{
	return size > 0 && offset < room->to && offset + size > room->from;
}

/* Notes and the interpreter's name are found by the program header alone, so they can move. */
static bool is_movable(const struct ohc_elf_phdr *ph)
{
	return ph->type == OHC_PT_INTERP || ph->type == OHC_PT_NOTE ||
	       ph->type == OHC_PT_GNU_PROPERTY;
}

static const struct ohc_elf_phdr *movable_at(const struct ohc_elf_editor *e, uint64_t offset)
{
	const struct ohc_elf_phdr *best = NULL;

	for (size_t i = 0; i < e->n_ph; i++) {
		const struct ohc_elf_phdr *ph = &e->ph[i];

		if (!is_movable(ph) || offset < ph->offset || offset - ph->offset >= ph->filesz)
			continue;
		if (!best || ph->filesz > best->filesz)
			best = ph;
	}
	return best;
}

/* A table that another editor moved may have room for more entries than it has. */
static bool is_table(const struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph)
{
	return ph->type == OHC_PT_PHDR && ph->offset == e->ehdr.phoff;
}

/* The table must stay in its segment, and no other may begin where it ends. */
static bool segments_allow(const struct ohc_elf_editor *e, const struct room *room)
{
	bool inside = false;

	for (size_t i = 0; i < e->n_ph; i++) {
		const struct ohc_elf_phdr *ph = &e->ph[i];

		if (ph->type == OHC_PT_LOAD && !inside && ph->offset <= e->ehdr.phoff &&
		    ph->offset + ph->filesz >= room->to)
			inside = true;
		else if (ph->type != OHC_PT_NULL && !is_movable(ph) && !is_table(e, ph) &&
			 overlaps(ph->offset, ph->filesz, room))
			return false;
	}
	return inside;
}

/* A section may lie there only as part of something that moves, and that must move as a whole. */
static bool sections_allow(const struct ohc_elf_editor *e, const struct room *room)
{
	for (size_t i = 0; i < e->n_sh; i++) {
		const struct ohc_elf_shdr *sh = &e->sh[i];
		const struct ohc_elf_phdr *ph;

		if (sh->type == OHC_SHT_NOBITS || !overlaps(sh->offset, sh->size, room))
			continue;
		ph = movable_at(e, sh->offset);
		if (!ph || sh->offset + sh->size > ph->offset + ph->filesz)
			return false;
	}
	return true;
}

/* Are the bytes padding: zeros between sections?  Without section headers, zeros count as padding
 * only up to the alignment. */
static int is_padding(struct ohc_elf_editor *e, uint64_t from, uint64_t to, bool *ret)
{
	unsigned char bytes[64];
	int rc;

	*ret = to - from <= sizeof(bytes) && (e->n_sh > 0 || to - from < 8);
	if (!*ret)
		return 0;
	rc = ohc_elf_fetch(&e->r, from, bytes, (size_t)(to - from), "the program header");
	for (size_t i = 0; rc == 0 && i < to - from; i++)
		*ret &= bytes[i] == 0;
	return rc;
}

static uint64_t next_movable(const struct ohc_elf_editor *e, uint64_t at, uint64_t end)
{
	for (size_t i = 0; i < e->n_ph; i++)
		if (is_movable(&e->ph[i]) && e->ph[i].filesz && e->ph[i].offset > at &&
		    e->ph[i].offset < end)
			end = e->ph[i].offset;
	return end;
}

/* Adds the parts that lie in the room to the list of those that move; *ret is false where one
 * cannot move. */
static int look_into(struct ohc_elf_editor *e, const struct room *room,
		     const struct ohc_elf_phdr **list, size_t *n, bool *ret)
{
	uint64_t at = room->from;
	int rc = 0;

	*ret = segments_allow(e, room) && sections_allow(e, room);
	while (rc == 0 && *ret && at < room->to) {
		const struct ohc_elf_phdr *ph = movable_at(e, at);
		uint64_t next = ph ? ph->offset + ph->filesz : next_movable(e, at, room->to);

		if (!ph)
			rc = is_padding(e, at, next, ret);
		else if (*n == OHC_ELF_NOTES_MAX || ph->offset < room->from ||
			 ph->filesz > NOTE_MAX || ph->align > TAIL_ALIGN)
			*ret = false;
		else
			list[(*n)++] = ph;
		at = next;
	}
	return rc;
}

static void move_out(struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph)
{
	const char *interp = e->new_interp ? e->want->interp : e->facts->interp;

	if (ph->type != OHC_PT_INTERP) {
		ohc_elf_tail_take(e, &e->notes[e->n_notes++], ph->filesz, 8, ph->offset,
				  ph->filesz);
	} else if (e->interp.size == 0) {
		e->interp_over = false;
		ohc_elf_tail_take(e, &e->interp, strlen(interp) + 1, 1, ph->offset, ph->filesz);
	}
}

/* 1: the table has room for one more entry where it is; 0: it has not. */
static int make_room(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *list[OHC_ELF_NOTES_MAX];
	struct room room = { .from = e->ehdr.phoff + e->n_ph * ohc_elf_phdr_size(&e->r) };
	size_t n = 0;
	bool good;
	int rc;

	room.to = room.from + ohc_elf_phdr_size(&e->r);
	rc = look_into(e, &room, list, &n, &good);
	for (size_t i = 0; rc == 0 && good && i < n; i++)
		move_out(e, list[i]);
	return rc < 0 ? rc : good;
}

static bool is_spare(struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph)
{
	const struct ohc_elf_phdr *property = ohc_elf_phdr_of(e, OHC_PT_GNU_PROPERTY);

	return ph->type == OHC_PT_NULL ||
	       (ph->type == OHC_PT_NOTE && property && ph->offset == property->offset &&
		ph->filesz == property->filesz);
}

static int find_entry(struct ohc_elf_editor *e)
{
	int rc;

	for (e->drop = 0; e->drop < e->n_ph; e->drop++)
		if (is_spare(e, &e->ph[e->drop]))
			return 0;
	rc = make_room(e);
	if (rc == 0)
		ohc_elf_tail_take(e, &e->table, (e->n_ph + 1) * ohc_elf_phdr_size(&e->r), 8,
				  e->ehdr.phoff, 0);
	return rc < 0 ? rc : 0;
}

/* Finds the end of the used addresses, and the size of pages. */
static void measure(const struct ohc_elf_editor *e, uint64_t *ret_end, uint64_t *ret_page)
{
	*ret_end = 0;
	*ret_page = PAGE_MIN;
	for (size_t i = 0; i < e->n_ph; i++) {
		const struct ohc_elf_phdr *ph = &e->ph[i];

		if (ph->type != OHC_PT_LOAD)
			continue;
		if (ph->vaddr + ph->memsz > *ret_end)
			*ret_end = ph->vaddr + ph->memsz;
		if (ph->align > *ret_page && (ph->align & (ph->align - 1)) == 0)
			*ret_page = ph->align < PAGE_MAX ? ph->align : PAGE_MAX;
	}
}

/* Where the first segment has the file's beginning. */
static uint64_t base_of(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *first = ohc_elf_phdr_of(e, OHC_PT_LOAD);

	return first->vaddr - first->offset;
}

/* glibc takes a library's program header to be where the first segment has it whose last page,
 * taken as a whole, reaches that far into the file; but behind a segment's end there may be its
 * .bss.  So the table begins a page.  A program's must be as far from the file's beginning as its
 * address is from the first segment's. */
static int place_table(struct ohc_elf_editor *e, uint64_t end)
{
	uint64_t at = round_up(end - base_of(e), e->page);

	e->tail_at = round_up(e->tail_at, e->page);
	e->tail_vaddr = round_up(end, e->page);
	if (!e->facts->interp)
		return 0;
	if (at > e->tail_at + PADDING_MAX)
		return ohc_elf_cannot(e, "has no room for one more program header");
	if (at > e->tail_at)
		e->tail_at = at;
	e->tail_vaddr = e->tail_at + base_of(e);
	return 0;
}

static void place_moved(const struct ohc_elf_editor *e, struct ohc_elf_moved *m)
{
	m->offset = e->tail_at + m->at;
	m->vaddr = e->tail_vaddr + m->at;
}

static void place_all(struct ohc_elf_editor *e)
{
	struct ohc_elf_moved *const all[] = { &e->table, &e->dynamic, &e->interp, &e->strings };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(all); i++)
		place_moved(e, all[i]);
	for (size_t i = 0; i < e->n_notes; i++)
		place_moved(e, &e->notes[i]);
}

/* May something be put behind the data that it has there?  Programs of PyInstaller's look for
 * their archive backwards from the end, and those of .NET's know its place. */
static int find_out(struct ohc_elf_editor *e, bool *ret)
{
	int rc = 0;

	*ret = !e->has_more || e->facts->pyinstaller;
	for (size_t i = 0; rc == 0 && !*ret && i < e->n_ph; i++)
		if (e->ph[i].type == OHC_PT_LOAD && e->ph[i].flags & OHC_PF_W)
			rc = ohc_elf_has_bundle(&e->r, e->ph[i].offset, e->ph[i].filesz, ret);
	return rc;
}

int ohc_elf_plan_tail(struct ohc_elf_editor *e)
{
	uint64_t end, page;
	bool good = true;
	int rc;

	if (e->tail_size == 0)
		return 0;
	rc = find_out(e, &good);
	if (rc < 0)
		return rc;
	if (!good)
		return ohc_elf_no_hole(e);
	if (!ohc_elf_phdr_of(e, OHC_PT_LOAD))
		return ohc_elf_cannot(e, "has nothing that is loaded");
	rc = find_entry(e);
	if (rc < 0)
		return rc;
	measure(e, &end, &page);
	e->page = page;
	e->tail_at = round_up(e->r.in->size, TAIL_ALIGN);
	e->tail_vaddr = round_up(end, page) + e->tail_at % page;
	if (e->table.size)
		rc = place_table(e, end);
	if (rc < 0)
		return rc;
	if (!e->r.wide && e->tail_vaddr + e->tail_size > UINT32_MAX)
		return ohc_elf_cannot(e, "has no address left for what would be added");
	place_all(e);
	return 0;
}
