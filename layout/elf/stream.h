/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the facts of an ELF file that streams by once, as an entry of a layer does:
 *
 *	s = ohc_elf_stream_new(entry.path, entry.size);
 *	while ((n = ohc_tar_read(tar, buf, sizeof(buf), err)) > 0)
 *		ohc_elf_stream_feed(s, buf, n);
 *	rc = ohc_elf_stream_finish(s, &elf, err);	as ohc_elf_read()
 *	ohc_elf_stream_free(s);
 *
 * Where the facts lie shows while the file passes.  Bytes that were not known to be wanted when
 * they passed are missed (a string table megabytes before the dynamic section that tells where it
 * is: Go's own linker and large programs with many symbols have it so).  Then _finish() gives
 * OHC_E_UNSUPPORTED, and the file must stream by again, into a stream that is told what the one
 * before it wanted:
 *
 *	for (i = 0; ohc_elf_stream_wanted(s, &i, &start, &end);)
 *		ohc_elf_stream_want(next, start, end);
 *
 * Three times are enough for any file that a linker made.  No more than 25 MiB of a file are kept;
 * a file of which more is needed stays unknown (nothing is wanted then), which is no fault of the
 * file.  Nothing is kept of files that are no ELF files.
 */
#ifndef OHC_LAYOUT_ELF_STREAM_H
#define OHC_LAYOUT_ELF_STREAM_H

#include "layout/elf/elf.h"

struct ohc_elf_stream;

struct ohc_elf_stream *ohc_elf_stream_new(const char *name, uint64_t size);

/* The same for tests, whose files are small: keeps so many bytes of both ends, and so many around
 * the parts that it needs. */
struct ohc_elf_stream *ohc_elf_stream_keeping(const char *name, uint64_t size, uint64_t head,
					      uint64_t tail, size_t window);

/* Called before the first bytes: keeps these bytes, too. */
void ohc_elf_stream_want(struct ohc_elf_stream *s, uint64_t start, uint64_t end);

void ohc_elf_stream_feed(struct ohc_elf_stream *s, const void *data, size_t n);

/* Is the result certain already, so that the file need not be fed any further? */
bool ohc_elf_stream_enough(const struct ohc_elf_stream *s);

int ohc_elf_stream_finish(struct ohc_elf_stream *s, struct ohc_elf *ret, struct ohc_error *err);

/* After OHC_E_UNSUPPORTED: the parts that the next stream is to keep, from *at = 0 on.  False: that
 * was all, or trying again is of no use. */
bool ohc_elf_stream_wanted(const struct ohc_elf_stream *s, size_t *at, uint64_t *ret_start,
			   uint64_t *ret_end);

void ohc_elf_stream_free(struct ohc_elf_stream *s);
void ohc_elf_stream_freep(struct ohc_elf_stream **s);

#endif
