/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the ELF reader; for others there is layout/elf/elf.h. */
#ifndef OHC_LAYOUT_ELF_ELF_INTERNAL_H
#define OHC_LAYOUT_ELF_ELF_INTERNAL_H

#include "layout/elf/elf.h"

#define OHC_ELF_TEXT_MAX     4096        /* a name or a path */
#define OHC_ELF_PATHS_MAX    (64u << 10) /* Nix has search paths of many KiB */
#define OHC_ELF_VERSION_MAX  255         /* a version's name */
#define OHC_ELF_VERSIONS_MAX 4096        /* needed, or provided; libc.so.6 has 50 */
#define OHC_ELF_FILES_MAX    1024        /* of which versions are needed */

struct ohc_elf_load {
	uint64_t address, offset, size;
	bool writable;
};

struct ohc_elf_reader {
	const struct ohc_elf_input *in;
	struct ohc_error *err;
	struct ohc_elf elf;
	bool wide; /* 64 bits */
	struct ohc_elf_load *loads;
	size_t n_loads;
	uint64_t dynamic,
		dynamic_size; /* offsets and sizes of PT_DYNAMIC and PT_INTERP in the file */
	uint64_t interp, interp_size;
	uint64_t strtab_address, strtab, strsz; /* its address; its offset in the file */
	uint64_t verneed, verneed_n, verdef, verdef_n;
	uint64_t window_at;
	size_t window_n;
	unsigned char window[4096];
};

/* The two inputs: ctx is an int *, or a struct ohc_elf_memory *. */
struct ohc_elf_memory {
	const unsigned char *data;
	size_t n;
};

ssize_t ohc_elf_read_at_fd(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err);
ssize_t ohc_elf_read_at_memory(void *ctx, uint64_t offset, void *buf, size_t n,
			       struct ohc_error *err);

int ohc_elf_bad(struct ohc_elf_reader *r, const char *part, const char *why);
uint64_t ohc_elf_get(const struct ohc_elf_reader *r, const unsigned char *p, unsigned int width);
int ohc_elf_fetch(struct ohc_elf_reader *r, uint64_t at, void *buf, size_t n, const char *part);

/* Are all bytes between two offsets zero?  False for more than 64 KiB, which is no padding. */
int ohc_elf_is_zero(struct ohc_elf_reader *r, uint64_t from, uint64_t to, bool *ret);

/* Finds the offset of an address in the file. */
int ohc_elf_locate(struct ohc_elf_reader *r, uint64_t address, const char *part, uint64_t *ret);

/* Reads a text of the string table. */
int ohc_elf_string(struct ohc_elf_reader *r, uint64_t offset, size_t max, const char *part,
		   char **ret);

/* Reads a text that ends before `end`, of at most max bytes. */
int ohc_elf_text(struct ohc_elf_reader *r, uint64_t at, uint64_t end, size_t max, const char *part,
		 char **ret);

/* Does the work of ohc_elf_read() and returns its result; the facts are in r->elf. */
int ohc_elf_read_all(struct ohc_elf_reader *r);

/* Reads the header and the program header alone, which give loads, dynamic and interp. */
int ohc_elf_read_headers(struct ohc_elf_reader *r);
void ohc_elf_reader_clear(struct ohc_elf_reader *r);

/* Reads the parts that the headers lead to.  Files with only debug information have the entries,
 * but neither texts nor sections. */
int ohc_elf_read_interp(struct ohc_elf_reader *r);
int ohc_elf_read_dynamic(struct ohc_elf_reader *r);
int ohc_elf_read_versions(struct ohc_elf_reader *r);

/* Finds data in a program's file that none of its tables names: at its end, or in front of
 * something that was put behind it. */
int ohc_elf_read_ends(struct ohc_elf_reader *r);

/* Sets *ret where a segment of variables says that the data behind the program's end is .NET's,
 * which is not looked for from the end. */
int ohc_elf_has_bundle(struct ohc_elf_reader *r, uint64_t offset, uint64_t size, bool *ret);

#endif
