// SPDX-License-Identifier: Apache-2.0
#include "layout/account/ids.h"

#include <string.h>

/* A bit an id: as many rows as a file may have cost one look each. */
#define LAST 65533u

static void mark(const struct ohc_buf *text, unsigned char taken[LAST / 8 + 1])
{
	struct ohc_row row;
	size_t pos = 0;
	uint32_t id;

	while (text && ohc_row_next(text, &pos, &row))
		if (ohc_row_id(text, &row, 2, &id) && id <= LAST)
			taken[id / 8] |= (unsigned char)(1 << id % 8);
}

bool ohc_account_next_id(const struct ohc_buf *a, const struct ohc_buf *b, uint32_t than,
			 uint32_t *ret)
{
	unsigned char taken[LAST / 8 + 1] = { 0 };

	mark(a, taken);
	mark(b, taken);
	for (uint32_t id = than; id < LAST;)
		if (++id <= LAST && !(taken[id / 8] & 1 << id % 8)) {
			*ret = id;
			return true;
		}
	return false;
}
