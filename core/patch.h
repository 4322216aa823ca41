/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to a file's bytes that are made while the file is read, so that nothing is written to
 * disk: pieces laid over what is there, also behind its end.  What lies between the old end and the
 * new one and is in no piece is zero.
 *
 *	struct ohc_patch p = OHC_PATCH_INIT;
 *
 *	p.size = old_size;				or more
 *	ohc_patch_set(&p, 8, "\0\0\0\0", 4);		a later piece wins where they overlap
 *	...
 *	ohc_patch_apply(&p, offset, buf, n);		buf is the file's n bytes from offset on
 *	ohc_patch_clear(&p);
 */
#ifndef OHC_CORE_PATCH_H
#define OHC_CORE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ohc_patch_piece {
	uint64_t offset;
	unsigned char *data;
	size_t n;
};

struct ohc_patch {
	struct ohc_patch_piece *v; /* in the order in which they were set */
	size_t n;
	uint64_t size; /* of the file afterwards: not less than before */
};

#define OHC_PATCH_INIT     \
	{                  \
		NULL, 0, 0 \
	}

/* Copies the data.  Pieces end at `size` or before. */
void ohc_patch_set(struct ohc_patch *p, uint64_t offset, const void *data, size_t n);

/* Lays the pieces over buf, which holds the n bytes from offset on. */
void ohc_patch_apply(const struct ohc_patch *p, uint64_t offset, void *buf, size_t n);

/* The same changes in the same order.  NULL is no change. */
bool ohc_patch_same(const struct ohc_patch *a, const struct ohc_patch *b);

void ohc_patch_clear(struct ohc_patch *p);

#endif
