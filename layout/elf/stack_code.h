/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a file that asks for an executable stack put code there?
 *
 *	rc = ohc_elf_stack_code(fd, path, &elf, err);
 *
 * Most that ask do not: a linker marks what it makes of an assembler file that does not say
 * otherwise (no .note.GNU-stack).  Those that do are GCC's nested functions of C, Ada and Fortran,
 * whose address is taken: where they are called there is a trampoline, whose instructions are
 * constants of the program (gcc/config/i386/i386.cc and aarch64/aarch64.cc, "trampoline").
 */
#ifndef OHC_LAYOUT_ELF_STACK_CODE_H
#define OHC_LAYOUT_ELF_STACK_CODE_H

#include "layout/elf/elf.h"

/* 1: it does, or its machine's trampolines are not known; 0: it does not; or a code. */
int ohc_elf_stack_code(int fd, const char *name, const struct ohc_elf *elf, struct ohc_error *err);

#endif
