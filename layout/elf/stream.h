/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of an ELF file that streams by, once, as an entry of a layer does:
 *
 *	s = ohc_elf_stream_new(entry.path, entry.size);
 *	while ((n = ohc_tar_read(tar, buf, sizeof(buf), err)) > 0)
 *		ohc_elf_stream_feed(s, buf, n);
 *	rc = ohc_elf_stream_finish(s, &elf, err);	as ohc_elf_read()
 *	ohc_elf_stream_free(s);
 *
 * Where the facts lie shows only at a file's end, so its parts are kept that can hold them: the
 * first 4 MiB, the dynamic section, and the last 1 MiB (patchelf writes behind the end).  A file
 * under 5 MiB is there as a whole; of a larger one the facts may lie elsewhere, which is
 * OHC_E_UNSUPPORTED: no fault of the file.  Of what is no ELF file nothing is kept.
 */
#ifndef OHC_LAYOUT_ELF_STREAM_H
#define OHC_LAYOUT_ELF_STREAM_H

#include "layout/elf/elf.h"

struct ohc_elf_stream;

struct ohc_elf_stream *ohc_elf_stream_new(const char *name, uint64_t size);
void ohc_elf_stream_feed(struct ohc_elf_stream *s, const void *data, size_t n);

/* Nothing of what is still to come will change the answer: the file need not be fed any further. */
bool ohc_elf_stream_enough(const struct ohc_elf_stream *s);

int ohc_elf_stream_finish(struct ohc_elf_stream *s, struct ohc_elf *ret, struct ohc_error *err);
void ohc_elf_stream_free(struct ohc_elf_stream *s);
void ohc_elf_stream_freep(struct ohc_elf_stream **s);

#endif
