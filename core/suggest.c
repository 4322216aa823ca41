// SPDX-License-Identifier: Apache-2.0
#include "core/suggest.h"

#include <string.h>

/* No option or command is longer, and a longer word is no slip of the finger. */
#define LONGEST 40

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance, with three rows of its table at hand. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= nb; j++)
		above[j] = j;
	for (size_t i = 1; i <= na; i++) {
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = min(row[j], min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[nb];
}

void ohc_suggest(struct ohc_suggestion *s, const char *candidate)
{
	size_t n = strlen(s->word), m = strlen(candidate), d;

	if (n > LONGEST || m > LONGEST || n == 0)
		return;
	d = distance(s->word, n, candidate, m);
	if (n > 1 && strncmp(s->word, candidate, n) == 0)
		d = 1;
	if (d > 1 + n / 4 || d >= n)
		return;
	if (s->best && s->distance <= d)
		return;
	s->best = candidate;
	s->distance = d;
}
