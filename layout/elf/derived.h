/* SPDX-License-Identifier: Apache-2.0 */
/* Conclusions from the facts of an ELF file (layout/elf/elf.h): its kind, its platform,
 * its versions. */
#ifndef OHC_LAYOUT_ELF_DERIVED_H
#define OHC_LAYOUT_ELF_DERIVED_H

#include "layout/elf/elf.h"

/* The architecture in Go's words ("amd64", "arm64", "s390x"), NULL where Go has none for it. */
const char *ohc_elf_arch(const struct ohc_elf *elf);

/* The same for messages, with "ELF machine 243" where Go has no word. */
#define OHC_ELF_ARCH_TEXT 32
const char *ohc_elf_arch_text(const struct ohc_elf *elf, char ret[OHC_ELF_ARCH_TEXT]);

/* The system that it is for, where that is not Linux: "FreeBSD", "Android"; else NULL.  By the ABI
 * that its header names (gABI, EI_OSABI), its interpreter, or the C library that it needs. */
const char *ohc_elf_system(const struct ohc_elf *elf);

/* The system, or else the architecture: for messages about files that are for another machine. */
const char *ohc_elf_target_text(const struct ohc_elf *elf, char ret[OHC_ELF_ARCH_TEXT]);

/* Could one load the other into its process? */
bool ohc_elf_same_arch(const struct ohc_elf *a, const struct ohc_elf *b);

/* Is it a program and no library?  (A libc, which can be both, is a library.) */
bool ohc_elf_is_program(const struct ohc_elf *elf);

/* Does it need no loader? */
bool ohc_elf_is_static(const struct ohc_elf *elf);

enum ohc_libc {
	OHC_LIBC_UNKNOWN,
	OHC_LIBC_GLIBC,
	OHC_LIBC_MUSL,
};

/* Tells the libc by the name of the interpreter, else by the libraries that are needed: musl's is
 * "libc.so" where no distribution gives it another name. */
enum ohc_libc ohc_elf_libc(const struct ohc_elf *elf);
enum ohc_libc ohc_elf_libc_of_interp(const char *interp);

/* Compares numbers with dots between them ("2.34" is more than "2.4"): <0, 0, >0, as strcmp(). */
int ohc_elf_version_compare(const char *a, const char *b);

/* The highest of the versions that start with prefix ("GLIBC_") and a digit, without the prefix
 * ("2.34"); NULL where there is none.  Borrowed. */
const char *ohc_elf_version_highest(const struct ohc_strv *versions, const char *prefix);

/* The same for the versions that are needed of any library. */
const char *ohc_elf_highest_need(const struct ohc_elf *elf, const char *prefix);

#endif
