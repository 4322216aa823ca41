// SPDX-License-Identifier: Apache-2.0
#include "core/patch.h"

#include <string.h>

#include "core/alloc.h"

void ohc_patch_set(struct ohc_patch *p, uint64_t offset, const void *data, size_t n)
{
	struct ohc_patch_piece piece = { .offset = offset, .data = ohc_xmalloc(n ? n : 1), .n = n };

	memcpy(piece.data, data, n);
	p->v = ohc_xrealloc(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = piece;
}

void ohc_patch_apply(const struct ohc_patch *p, uint64_t offset, void *buf, size_t n)
{
	unsigned char *to = buf;

	for (size_t i = 0; i < p->n; i++) {
		const struct ohc_patch_piece *e = &p->v[i];
		uint64_t from = e->offset > offset ? e->offset : offset;
		uint64_t end = e->offset + e->n < offset + n ? e->offset + e->n : offset + n;

		if (from < end)
			memcpy(to + (from - offset), e->data + (from - e->offset), end - from);
	}
}

bool ohc_patch_same(const struct ohc_patch *a, const struct ohc_patch *b)
{
	if (!a || !b)
		return a == b;
	if (a->size != b->size || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].offset != b->v[i].offset || a->v[i].n != b->v[i].n ||
		    memcmp(a->v[i].data, b->v[i].data, a->v[i].n) != 0)
			return false;
	return true;
}

void ohc_patch_clear(struct ohc_patch *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].data);
	free(p->v);
	*p = (struct ohc_patch)OHC_PATCH_INIT;
}
