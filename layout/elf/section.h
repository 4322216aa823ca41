/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A section of an ELF file by its name (System V ABI, "Sections"), for what compilers leave in a
 * program to be read by others.  Loading needs none, so a stripped file may have none.
 *
 *	if (ohc_elf_section(&in, ".go.buildinfo", 1u << 20, &bytes))
 *		... bytes.data, bytes.len ...
 */
#ifndef OHC_LAYOUT_ELF_SECTION_H
#define OHC_LAYOUT_ELF_SECTION_H

#include "layout/elf/elf.h"

/* Adds the bytes of the section to *ret.  False: it is no ELF file, or has no such section of at
 * most max bytes. */
bool ohc_elf_section(const struct ohc_elf_input *in, const char *name, size_t max,
		     struct ohc_buf *ret);

#endif
