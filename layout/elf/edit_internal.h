/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/elf/edit.h. */
#ifndef OHC_LAYOUT_ELF_EDIT_INTERNAL_H
#define OHC_LAYOUT_ELF_EDIT_INTERNAL_H

#include "layout/elf/edit.h"
#include "layout/elf/records_internal.h"

/* A part that goes to the tail, or to a hole, and where it was.  Size 0: it stays. */
struct ohc_elf_moved {
	uint64_t at; /* from the tail's start */
	uint64_t size;
	uint64_t from, from_size; /* offset in the file: cleared there when from_size is not 0 */
	uint64_t offset, vaddr;   /* where it is then; in the tail it is known last */
};

/* Zeros of the file that are loaded and belong to nothing (edit_holes.c). */
struct ohc_elf_hole {
	uint64_t from, to; /* offsets in the file */
	size_t load;       /* which entry of the program header loads them */
};

/* A text that is written over the file's, at an offset from the start of the strings. */
struct ohc_elf_over {
	uint64_t at;
	const char *text;
};

#define OHC_ELF_NOTES_MAX   4
#define OHC_ELF_STRINGS_MAX (64u << 20) /* dynamic strings, with what is added */

struct ohc_elf_editor {
	struct ohc_elf_reader r; /* reads; its facts are not used */
	const struct ohc_elf_edit *want;
	const struct ohc_elf *facts;

	unsigned char head[OHC_ELF_EHDR_MAX]; /* the header as it is in the file */
	size_t head_size;
	struct ohc_elf_ehdr ehdr;
	struct ohc_elf_phdr *ph; /* allocated with room for one more */
	size_t n_ph;
	struct ohc_elf_shdr *sh;
	size_t n_sh;
	struct ohc_elf_dyn *dyn; /* with the DT_NULLs at its end; has room for new ones */
	size_t n_dyn;
	uint64_t strtab, strsz; /* the dynamic strings: offset in the file */
	unsigned char *text;    /* the strings, once they were read */
	struct ohc_buf grown;   /* the strings with additions; empty: there are none */
	uint64_t end;           /* the end of the last part that the file's tables name */
	bool has_more;          /* there is data behind that */

	bool new_interp, new_rpath, new_stack, new_needed; /* the wanted changes */

	/* The plan. */
	bool in_holes; /* new parts go into holes, not into a tail */
	struct ohc_elf_hole *holes;
	size_t n_holes;
	bool copy_strings; /* all strings go into a hole */
	bool interp_over;  /* the new text fits over the old one */
	uint64_t rpath_at; /* its offset in the dynamic strings */
	struct ohc_elf_over *over;
	size_t n_over;
	uint64_t new_strsz;
	size_t drop; /* the entry of the program header that is dropped, or n_ph */
	struct ohc_elf_moved table, dynamic, interp, strings;
	struct ohc_elf_moved notes[OHC_ELF_NOTES_MAX];
	size_t n_notes;
	uint64_t tail_size;
	uint64_t tail_at, tail_vaddr, page;

	struct ohc_patch patch;
};

int ohc_elf_cannot(struct ohc_elf_editor *e, const char *why);

/* Fills ehdr, ph, sh, dyn, strtab, strsz. */
int ohc_elf_editor_read(struct ohc_elf_editor *e);
void ohc_elf_editor_clear(struct ohc_elf_editor *e);

struct ohc_elf_phdr *ohc_elf_phdr_of(struct ohc_elf_editor *e, uint64_t type);
struct ohc_elf_dyn *ohc_elf_dyn_of(struct ohc_elf_editor *e, uint64_t tag);

/* Takes room for size bytes in the tail, for the part that has from_size bytes at `from` in the
 * file. */
void ohc_elf_tail_take(struct ohc_elf_editor *e, struct ohc_elf_moved *ret, uint64_t size,
		       uint64_t align, uint64_t from, uint64_t from_size);

/* Finds the holes. */
int ohc_elf_find_holes(struct ohc_elf_editor *e);

/* Takes room in a hole for a text that is to be one of the dynamic strings: *ret_at is from their
 * start. False where no hole is large enough. */
bool ohc_elf_hole_for_text(struct ohc_elf_editor *e, uint64_t size, uint64_t *ret_at);

/* Is there a hole for so many bytes? */
bool ohc_elf_has_hole(const struct ohc_elf_editor *e, uint64_t size);

/* The error when there is no hole. */
int ohc_elf_no_hole(struct ohc_elf_editor *e);

/* Takes room for a text, in the tail or in a hole as the plan has it. */
int ohc_elf_make_room(struct ohc_elf_editor *e, struct ohc_elf_moved *ret, uint64_t size,
		      uint64_t from, uint64_t from_size);

/* Decides where new texts go among the dynamic strings, and which entries name them. */
int ohc_elf_plan_dynamic(struct ohc_elf_editor *e);

/* Decides which entry of the program header is the tail's, and where the tail is. */
int ohc_elf_plan_tail(struct ohc_elf_editor *e);

/* Changes program header, sections and dynamic entries as planned. */
void ohc_elf_apply(struct ohc_elf_editor *e);

/* Adds the bytes that differ from the file to the patch. */
int ohc_elf_emit(struct ohc_elf_editor *e);

#endif
