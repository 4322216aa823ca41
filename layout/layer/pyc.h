/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's bytecode records the time of its source (PEP 3147, PEP 552: magic, flags, mtime, size,
 * 4 bytes each, little-endian) and is thrown away when they differ.  Where a layer changes the
 * source's time, the record is changed with it, so that valid bytecode stays valid; stale bytecode
 * stays stale.
 *
 *	struct ohc_pyc_tree tree = { .mtime = OHC_MTIME_CLAMP, … };
 *
 *	ohc_pyc_retime(&tree, "/openhands/lib/__pycache__/x.cpython-312.pyc", bytes, n);
 */
#ifndef OHC_LAYOUT_LAYER_PYC_H
#define OHC_LAYOUT_LAYER_PYC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout/layer/mtime.h"

#define OHC_PYC_HEADER 16

/* The path of the source of a file in a __pycache__ directory: "a/x.py" for
 * "a/__pycache__/x.cpython-312.pyc".  NULL where path is no bytecode, or in no directory of a
 * directory.  The caller frees it. */
char *ohc_pyc_source(const char *path);

enum ohc_pyc_state {
	OHC_PYC_VALID,   /* records the source as it is */
	OHC_PYC_STALE,   /* records another time or size: compiled again at every start */
	OHC_PYC_HASHED,  /* does not look at the time (PEP 552) */
	OHC_PYC_DAMAGED, /* shorter than its header */
};

/* Judges bytecode by its first n bytes, and by the time and size of the source. */
enum ohc_pyc_state ohc_pyc_state_of(const void *header, size_t n, int64_t mtime, uint64_t size);

/* A tree that becomes a layer: its policy for times, and its files as they are before. */
struct ohc_pyc_tree {
	enum ohc_mtime mtime;
	int64_t time;
	/* False where there is no such file, or nothing is known of it. */
	bool (*find)(void *ctx, const char *path, int64_t *ret_mtime, uint64_t *ret_size);
	void *ctx;
};

/* Rewrites the header, the first n bytes of the file at path, where it is valid bytecode and the
 * source gets another time.  Nothing is done to any other file. */
void ohc_pyc_retime(const struct ohc_pyc_tree *tree, const char *path, unsigned char *header,
		    size_t n);

#endif
