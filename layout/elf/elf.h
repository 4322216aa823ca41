/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what a loader must know of an ELF file, without running it: architecture, interpreter,
 * libraries and the versions that are needed or provided, search paths, and whether the stack must
 * be executable.  Both word sizes and both byte orders (System V gABI ch. 4 and 5; GNU symbol
 * versioning: LSB core, ch. 10.7).
 *
 *	struct ohc_elf elf = OHC_ELF_INIT;
 *
 *	rc = ohc_elf_read_fd(fd, path, &elf, err);	1: ELF, 0: something else, or a code
 *	... elf.interp, elf.needed ...
 *	ohc_elf_clear(&elf);
 *
 * The file may be a stranger's: every offset is checked against the end, every count and every text
 * has a limit, and going past one is OHC_E_FORMAT, which names the file and the part.  Of sections
 * only the offsets are used: loaders ignore sections, and a stripped file has everything else.
 *
 * We do not use libelf because the input is seldom a file: mostly it is a tar entry that streams by
 * (layout/elf/stream.h), and only these few facts are wanted, which caches keep by the thousand
 * (ohc_elf_encode).
 */
#ifndef OHC_LAYOUT_ELF_ELF_H
#define OHC_LAYOUT_ELF_ELF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/record.h"
#include "core/strv.h"

#define OHC_ELF_MAGIC   "\177ELF"
#define OHC_ELF_MAGIC_N 4

/* The path that a payload's loader of glibc's has in the place of "/etc/ld.so.cache": of the same
 * length, and nothing is there. */
#define OHC_ELF_NO_CACHE "/dev/ld.so.cache"

enum ohc_elf_type { OHC_ELF_REL = 1, OHC_ELF_EXEC, OHC_ELF_DYN, OHC_ELF_CORE };

enum ohc_elf_stack {
	OHC_ELF_STACK_UNSAID, /* no PT_GNU_STACK: the architecture's default */
	OHC_ELF_STACK_PLAIN,
	OHC_ELF_STACK_EXECUTABLE,
};

/* The versions that are needed of one library (DT_VERNEED): "libc.so.6", { "GLIBC_2.34", … }.
 * Versions that the loader may do without (weak ones) are left out. */
struct ohc_elf_need {
	char *file;
	struct ohc_strv versions;
};

struct ohc_elf {
	unsigned int bits; /* 32 or 64 */
	bool big_endian;
	uint16_t machine; /* EM_… */
	uint16_t type;    /* enum ohc_elf_type, or another value */
	uint32_t flags;   /* the machine's */
	uint8_t osabi;    /* ELFOSABI_… */

	char *interp;             /* PT_INTERP, or NULL */
	bool dynamic;             /* there is a dynamic section */
	bool pie;                 /* DF_1_PIE: a program although of type DYN */
	bool nodeflib;            /* DF_1_NODEFLIB: default directories are not searched */
	bool textrel;             /* relocations in what should be read-only */
	enum ohc_elf_stack stack; /* PT_GNU_STACK */
	bool pyinstaller;         /* carries an archive of PyInstaller's at its end */
	bool buried;              /* a program with data in front of something put behind it */
	bool apart;               /* a payload's own loader, that searches no system's libraries */

	struct ohc_strv needed;     /* DT_NEEDED, in its order */
	char *soname;               /* or NULL, as the next two */
	char *rpath, *runpath;      /* as they stand; the loader ignores rpath beside runpath */
	struct ohc_elf_need *needs; /* in their order */
	size_t n_needs;
	struct ohc_strv defs; /* versions that it provides (DT_VERDEF), but its own name */
};

#define OHC_ELF_INIT      \
	{                 \
		.bits = 0 \
	}

/* Random access to the file, which need not be one. */
struct ohc_elf_input {
	const char *name; /* for messages */
	uint64_t size;
	/* Reads some of the n bytes from offset on: returns their count, 0 at the end, or a
	 * code. */
	ssize_t (*read_at)(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err);
	void *ctx;
};

/* 1: *ret is filled; 0: no ELF file; or a code. */
int ohc_elf_read(const struct ohc_elf_input *in, struct ohc_elf *ret, struct ohc_error *err);
int ohc_elf_read_fd(int fd, const char *name, struct ohc_elf *ret, struct ohc_error *err);
int ohc_elf_read_memory(const void *data, size_t n, const char *name, struct ohc_elf *ret,
			struct ohc_error *err);

void ohc_elf_clear(struct ohc_elf *elf);
/* The format of the bytes below, which they start with.  Whoever keeps them has it in their key, so
 * that those of another version of the program are not met as what cannot be read. */
#define OHC_ELF_ENCODED "3"

/* Encodes the facts as bytes, and decodes them: false where the bytes are not what ohc_elf_encode()
 * wrote (the reader is bad then).  *ret is to be cleared only after true. */
void ohc_elf_encode(const struct ohc_elf *elf, struct ohc_buf *out);
bool ohc_elf_decode(struct ohc_record_reader *u, struct ohc_elf *ret);

#endif
