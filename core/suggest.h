/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean …?": the one of several words that a mistyped one is nearest to.
 *
 *	struct ohc_suggestion s = { .word = typed };
 *
 *	for (i = 0; i < n; i++)
 *		ohc_suggest(&s, known[i]);
 *	if (s.best)
 *		... "did you mean" s.best ...
 *
 * Nearness is the number of letters added, dropped, changed or swapped with their neighbour; a word
 * that only begins the other is near too.  Nothing is suggested that differs in more than a third.
 */
#ifndef OHC_CORE_SUGGEST_H
#define OHC_CORE_SUGGEST_H

#include <stddef.h>

struct ohc_suggestion {
	const char *word;
	const char *best; /* NULL: none is near enough */
	size_t distance;
};

void ohc_suggest(struct ohc_suggestion *s, const char *candidate);

#endif
