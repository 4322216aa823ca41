/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's bytecode records the time of its source (PEP 3147, PEP 552: magic, flags, mtime, size,
 * 4 bytes each, little-endian) and is thrown away when they differ.  Where a layer changes the
 * source's time, the record is changed with it, so that valid bytecode stays valid; stale bytecode
 * stays stale.
 */
#ifndef OHC_LAYOUT_LAYER_PYC_H
#define OHC_LAYOUT_LAYER_PYC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OHC_PYC_HEADER 16

/* The source's name for a file in a __pycache__ directory ("x.cpython-312.pyc" gives "x.py"), into
 * ret; false where name is no bytecode. */
bool ohc_pyc_source(const char *name, char *ret, size_t size);

enum ohc_pyc_state {
	OHC_PYC_VALID,   /* records the source as it is */
	OHC_PYC_STALE,   /* records another time or size: compiled again at every start */
	OHC_PYC_HASHED,  /* does not look at the time (PEP 552) */
	OHC_PYC_DAMAGED, /* shorter than its header */
};

/* By its first n bytes, and the time and size of the source. */
enum ohc_pyc_state ohc_pyc_state_of(const void *header, size_t n, int64_t mtime, uint64_t size);

/* Rewrites the header of n bytes when it records `mtime` and `size` of the source as they are. */
void ohc_pyc_retime(unsigned char *header, size_t n, int64_t mtime, int64_t size, int64_t to);

#endif
