/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of an ELF file (gABI ch. 4 and 5) as structs, and back: one form for both word sizes
 * and byte orders.
 *
 *	rc = ohc_elf_fetch(r, at, raw, ohc_elf_phdr_size(r), "the program header");
 *	ohc_elf_get_phdr(r, raw, &ph);
 *	ph.vaddr += 4096;
 *	ohc_elf_put_phdr(r, &ph, raw);
 *
 * The reader knows the word size and the byte order.  Bytes of a record that no member stands for
 * stay as they are when it is put.
 */
#ifndef OHC_LAYOUT_ELF_RECORDS_INTERNAL_H
#define OHC_LAYOUT_ELF_RECORDS_INTERNAL_H

#include "layout/elf/elf_internal.h"

enum {
	OHC_PT_NULL = 0,
	OHC_PT_LOAD = 1,
	OHC_PT_DYNAMIC = 2,
	OHC_PT_INTERP = 3,
	OHC_PT_NOTE = 4,
	OHC_PT_PHDR = 6,
	OHC_PT_GNU_STACK = 0x6474e551,
	OHC_PT_GNU_RELRO = 0x6474e552,
	OHC_PT_GNU_PROPERTY = 0x6474e553,
};
enum { OHC_PF_X = 1, OHC_PF_W = 2, OHC_PF_R = 4 };
enum { OHC_SHT_NULL = 0 };
enum { OHC_SHT_SYMTAB = 2, OHC_SHT_STRTAB = 3, OHC_SHT_DYNAMIC = 6, OHC_SHT_NOBITS = 8 };
enum { OHC_SHT_DYNSYM = 11, OHC_SHT_GNU_VERDEF = 0x6ffffffd, OHC_SHT_GNU_VERNEED = 0x6ffffffe };
enum { OHC_SHF_ALLOC = 2 };
enum {
	OHC_DT_NULL = 0,
	OHC_DT_NEEDED = 1,
	OHC_DT_HASH = 4,
	OHC_DT_STRTAB = 5,
	OHC_DT_SYMTAB = 6,
	OHC_DT_STRSZ = 10,
	OHC_DT_SONAME = 14,
	OHC_DT_RPATH = 15,
	OHC_DT_DEBUG = 21,
	OHC_DT_TEXTREL = 22,
	OHC_DT_RUNPATH = 29,
	OHC_DT_FLAGS = 30,
	OHC_DT_GNU_HASH = 0x6ffffef5,
	OHC_DT_RELACOUNT = 0x6ffffff9,
	OHC_DT_RELCOUNT = 0x6ffffffa,
	OHC_DT_FLAGS_1 = 0x6ffffffb,
	OHC_DT_VERDEF = 0x6ffffffc,
	OHC_DT_VERDEFNUM = 0x6ffffffd,
	OHC_DT_VERNEED = 0x6ffffffe,
	OHC_DT_VERNEEDNUM = 0x6fffffff,
};
enum { OHC_DF_TEXTREL = 4, OHC_DF_1_NODEFLIB = 0x800, OHC_DF_1_PIE = 0x08000000 };

#define OHC_ELF_PHDRS_MAX   1024 /* as the kernel: 64 KiB of them */
#define OHC_ELF_DYNAMIC_MAX (64u << 10)

/* The longest of each, which 64 bits have. */
#define OHC_ELF_EHDR_MAX 64
#define OHC_ELF_PHDR_MAX 56
#define OHC_ELF_SHDR_MAX 64
#define OHC_ELF_DYN_MAX  16

struct ohc_elf_ehdr {
	uint64_t type, machine, flags, phoff, shoff, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct ohc_elf_phdr {
	uint64_t type, flags, offset, vaddr, paddr, filesz, memsz, align;
};

struct ohc_elf_shdr {
	uint64_t name, type, flags, addr, offset, size, info;
	uint64_t moved; /* the amount by which an edit changed its address */
	bool changed;   /* … and whether it is another record now */
};

struct ohc_elf_dyn {
	uint64_t tag, value;
};

size_t ohc_elf_ehdr_size(const struct ohc_elf_reader *r);
size_t ohc_elf_phdr_size(const struct ohc_elf_reader *r);
size_t ohc_elf_shdr_size(const struct ohc_elf_reader *r);
size_t ohc_elf_dyn_size(const struct ohc_elf_reader *r);

void ohc_elf_get_ehdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_ehdr *ret);
void ohc_elf_get_phdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_phdr *ret);
void ohc_elf_get_shdr(const struct ohc_elf_reader *r, const unsigned char *from,
		      struct ohc_elf_shdr *ret);
void ohc_elf_get_dyn(const struct ohc_elf_reader *r, const unsigned char *from,
		     struct ohc_elf_dyn *ret);

void ohc_elf_put_ehdr(const struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr,
		      unsigned char *to);
void ohc_elf_put_phdr(const struct ohc_elf_reader *r, const struct ohc_elf_phdr *ph,
		      unsigned char *to);
void ohc_elf_put_shdr(const struct ohc_elf_reader *r, const struct ohc_elf_shdr *sh,
		      unsigned char *to);
void ohc_elf_put_dyn(const struct ohc_elf_reader *r, const struct ohc_elf_dyn *dyn,
		     unsigned char *to);

/* Reads the header, and has the reader know the word size and the byte order. */
int ohc_elf_read_ehdr(struct ohc_elf_reader *r, struct ohc_elf_ehdr *ret);

/* Are there section headers, and in the file?  No loader needs them, so that a file may lack them,
 * or be cut off before them. */
bool ohc_elf_has_shdrs(const struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr);
int ohc_elf_read_shdr(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr, uint64_t i,
		      struct ohc_elf_shdr *ret);

/* Writes a number of so many bytes; ohc_elf_get() reads one. */
void ohc_elf_put(const struct ohc_elf_reader *r, unsigned char *to, unsigned int width, uint64_t v);

#endif
