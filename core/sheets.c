// SPDX-License-Identifier: Apache-2.0
#include "core/sheets.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static void add_sheet(struct ohc_sheets *s, size_t size)
{
	s->v = ohc_xrealloc(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = ohc_xmalloc(size);
	s->left = s->size = size;
}

const void *ohc_sheets_add(struct ohc_sheets *s, const void *data, size_t n)
{
	char *to;

	if (n > s->left)
		add_sheet(s, n > OHC_SHEET_SIZE ? n : OHC_SHEET_SIZE);
	to = s->v[s->n - 1] + s->size - s->left;
	memcpy(to, data, n);
	s->left -= n;
	return to;
}

void ohc_sheets_clear(struct ohc_sheets *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct ohc_sheets)OHC_SHEETS_INIT;
}
