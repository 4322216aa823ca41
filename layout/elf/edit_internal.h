/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/elf/edit.h. */
#ifndef OHC_LAYOUT_ELF_EDIT_INTERNAL_H
#define OHC_LAYOUT_ELF_EDIT_INTERNAL_H

#include "layout/elf/edit.h"
#include "layout/elf/records_internal.h"

/* A part that goes to the tail: its place there, and where it was.  Size 0: it stays. */
struct ohc_elf_moved {
	uint64_t at; /* from the tail's start */
	uint64_t size;
	uint64_t from, from_size; /* offset in the file: cleared there when from_size is not 0 */
};

#define OHC_ELF_NOTES_MAX 4

struct ohc_elf_editor {
	struct ohc_elf_reader r; /* reads; its facts are not used */
	const struct ohc_elf_edit *want;
	const struct ohc_elf *facts;

	unsigned char head[OHC_ELF_EHDR_MAX]; /* the header as it stands */
	size_t head_size;
	struct ohc_elf_ehdr ehdr;
	struct ohc_elf_phdr *ph; /* has room for one more */
	size_t n_ph;
	struct ohc_elf_shdr *sh;
	size_t n_sh;
	struct ohc_elf_dyn *dyn; /* with the DT_NULLs at its end; has room for what is added */
	size_t n_dyn;
	uint64_t strtab, strsz; /* the dynamic strings: offset in the file */
	unsigned char *text;    /* they themselves, once they were asked for */
	struct ohc_buf grown;   /* they with what is added; empty: nothing is */

	bool new_interp, new_rpath, new_stack, new_needed; /* what is to be done */

	/* The plan. */
	bool interp_over;  /* over the old one */
	bool rpath_over;   /* likewise */
	uint64_t rpath_at; /* its place in the dynamic strings */
	size_t drop;       /* an entry of the program header that goes, or n_ph */
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

/* Room for size bytes in the tail, for what is from_size bytes at `from` in the file. */
void ohc_elf_tail_take(struct ohc_elf_editor *e, struct ohc_elf_moved *ret, uint64_t size,
		       uint64_t align, uint64_t from, uint64_t from_size);

/* Decides where new texts stand among the dynamic strings, and which entries name them. */
int ohc_elf_plan_dynamic(struct ohc_elf_editor *e);

/* Decides which entry of the program header is the tail's, and where the tail is. */
int ohc_elf_plan_tail(struct ohc_elf_editor *e);

/* Program header, sections and dynamic entries as they were planned. */
void ohc_elf_apply(struct ohc_elf_editor *e);

/* Adds the bytes that differ from the file to the patch. */
int ohc_elf_emit(struct ohc_elf_editor *e);

#endif
