// SPDX-License-Identifier: Apache-2.0
/*
 * Finds data that a program carries besides the parts that its tables name, and looks for from the
 * end of its file: archives, images of a runtime, scripts.  Nothing may be put behind it.  An
 * editor of ELF files that puts a segment there leaves them in front of it, where they are not
 * found any more.
 *
 * patchelf(1) leaves old tables where they were.  So a gap counts only behind all sections that are
 * not loaded, which no editor moves; and in it as much as the section header takes means nothing,
 * unless the gap begins behind the one that is used.
 */
#include "layout/elf/records_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

#define PARTS_MAX (64u << 10)
#define ALIGN_MAX 64 /* of the section header */

struct file_part {
	uint64_t from, to;
};

struct file_ends {
	struct file_part *v;
	size_t n;
	uint64_t table, table_end; /* the section header */
	uint64_t unloaded;         /* the end of the last section that is not loaded */
	bool known;
};

static void note(struct file_ends *s, uint64_t from, uint64_t size)
{
	if (size && from <= UINT64_MAX - size && s->n < PARTS_MAX)
		s->v[s->n++] = (struct file_part){ from, from + size };
}

static int by_place(const void *a, const void *b)
{
	const struct file_part *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* Where section headers should be that cannot be read, nothing is known. */
static int note_sections(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr,
			 struct file_ends *s)
{
	int rc = 0;

	s->known = ehdr->shoff == 0 || ohc_elf_has_shdrs(r, ehdr);
	if (!s->known || ehdr->shoff == 0)
		return 0;
	s->table = ehdr->shoff;
	s->table_end = ehdr->shoff + ehdr->shnum * ehdr->shentsize;
	note(s, s->table, s->table_end - s->table);
	for (uint64_t i = 0; rc == 0 && i < ehdr->shnum; i++) {
		struct ohc_elf_shdr sh;

		rc = ohc_elf_read_shdr(r, ehdr, i, &sh);
		if (rc < 0)
			break;
		if (sh.type == OHC_SHT_NOBITS || sh.type == OHC_SHT_NULL)
			continue;
		note(s, sh.offset, sh.size);
		if (!(sh.flags & OHC_SHF_ALLOC) && sh.size < r->in->size &&
		    sh.offset < r->in->size && sh.offset + sh.size > s->unloaded)
			s->unloaded = sh.offset + sh.size;
	}
	return rc;
}

static int find_parts(struct ohc_elf_reader *r, struct file_ends *s)
{
	struct ohc_elf_ehdr ehdr;
	int rc = ohc_elf_read_ehdr(r, &ehdr);

	if (rc < 0)
		return rc;
	s->v = ohc_xcalloc(r->n_loads + (size_t)ehdr.shnum + 3, sizeof(*s->v));
	note(s, 0, ohc_elf_ehdr_size(r));
	note(s, ehdr.phoff, ehdr.phnum * ehdr.phentsize);
	for (size_t i = 0; i < r->n_loads; i++)
		note(s, r->loads[i].offset, r->loads[i].size);
	rc = note_sections(r, &ehdr, s);
	qsort(s->v, s->n, sizeof(*s->v), by_place);
	return rc;
}

/* Is there data in a gap of the file that none of its tables names? */
static int look(struct ohc_elf_reader *r, const struct file_ends *s, uint64_t from, uint64_t to,
		bool *ret)
{
	uint64_t old = from == s->table_end ? 0 : s->table_end - s->table + ALIGN_MAX;
	bool zero = true;
	int rc = 0;

	if (s->unloaded && from >= s->unloaded && to - from > old)
		rc = ohc_elf_is_zero(r, from + old, to, &zero);
	*ret |= !zero;
	return rc;
}

int ohc_elf_read_ends(struct ohc_elf_reader *r)
{
	struct file_ends s = { .known = false };
	uint64_t end = 0;
	bool zero = true;
	int rc;

	if (r->elf.type != OHC_ELF_EXEC && !r->elf.interp)
		return 0;
	rc = find_parts(r, &s);
	for (size_t i = 0; rc == 0 && s.known && i < s.n; i++) {
		if (s.v[i].from > end)
			rc = look(r, &s, end, s.v[i].from, &r->elf.buried);
		end = s.v[i].to > end ? s.v[i].to : end;
	}
	if (rc == 0 && s.known)
		rc = ohc_elf_is_zero(r, end, r->in->size, &zero);
	r->elf.buried &= zero; /* data at the very end is found */
	free(s.v);
	for (size_t i = 0; rc == 0 && r->elf.buried && i < r->n_loads; i++) {
		const struct ohc_elf_load *load = &r->loads[i];
		bool bundle = false;

		if (load->writable)
			rc = ohc_elf_has_bundle(r, load->offset, load->size, &bundle);
		r->elf.buried = !bundle;
	}
	return rc;
}
