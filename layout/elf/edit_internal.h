/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/elf/edit.h. */
#ifndef OHC_LAYOUT_ELF_EDIT_INTERNAL_H
#define OHC_LAYOUT_ELF_EDIT_INTERNAL_H

#include "layout/elf/edit.h"
#include "layout/elf/elf_internal.h"

enum {
	OHC_PT_NULL = 0,
	OHC_PT_LOAD = 1,
	OHC_PT_DYNAMIC = 2,
	OHC_PT_INTERP = 3,
	OHC_PT_NOTE = 4,
	OHC_PT_PHDR = 6,
	OHC_PT_GNU_STACK = 0x6474e551,
	OHC_PT_GNU_PROPERTY = 0x6474e553,
};
enum { OHC_PF_X = 1, OHC_PF_W = 2, OHC_PF_R = 4 };
enum { OHC_SHT_SYMTAB = 2, OHC_SHT_STRTAB = 3, OHC_SHT_DYNAMIC = 6, OHC_SHT_NOBITS = 8 };
enum { OHC_SHT_DYNSYM = 11, OHC_SHT_GNU_VERDEF = 0x6ffffffd, OHC_SHT_GNU_VERNEED = 0x6ffffffe };
enum { OHC_SHF_ALLOC = 2 };
enum {
	OHC_DT_NULL = 0,
	OHC_DT_NEEDED = 1,
	OHC_DT_STRTAB = 5,
	OHC_DT_SYMTAB = 6,
	OHC_DT_STRSZ = 10,
	OHC_DT_RPATH = 15,
	OHC_DT_RUNPATH = 29,
	OHC_DT_VERDEF = 0x6ffffffc,
	OHC_DT_VERNEED = 0x6ffffffe,
};

#define OHC_ELF_PHDRS_MAX 1024 /* as the kernel: 64 KiB of them */

/* The records of a file in one form for both word sizes and byte orders. */
struct ohc_elf_ehdr {
	uint64_t phoff, shoff, phentsize, phnum, shentsize, shnum;
};

struct ohc_elf_phdr {
	uint64_t type, flags, offset, vaddr, paddr, filesz, memsz, align;
};

struct ohc_elf_shdr {
	uint64_t type, flags, addr, offset, size;
	uint64_t moved; /* what was added to its address */
	bool changed;
};

struct ohc_elf_dyn {
	uint64_t tag, value;
};

/* What goes to the tail: its place there, and where it was.  Size 0: it does not. */
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

	unsigned char head[64]; /* the header as it stands */
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

size_t ohc_elf_phdr_size(const struct ohc_elf_editor *e);
size_t ohc_elf_dyn_size(const struct ohc_elf_editor *e);

void ohc_elf_put(const struct ohc_elf_editor *e, unsigned char *to, unsigned int width, uint64_t v);

/* The records' fields in a file of this kind; to is the record, zeroed where nothing is put. */
void ohc_elf_put_phdr(const struct ohc_elf_editor *e, const struct ohc_elf_phdr *ph,
		      unsigned char *to);
void ohc_elf_put_shdr(const struct ohc_elf_editor *e, const struct ohc_elf_shdr *sh,
		      unsigned char *to);
void ohc_elf_put_ehdr(const struct ohc_elf_editor *e, unsigned char *to);
void ohc_elf_put_dyn(const struct ohc_elf_editor *e, const struct ohc_elf_dyn *dyn,
		     unsigned char *to);

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

/* What differs from the file, to the patch. */
int ohc_elf_emit(struct ohc_elf_editor *e);

#endif
