/* SPDX-License-Identifier: Apache-2.0 */
/* Counts things of which one finding tells: it names the first, and says how many are like it. */
#ifndef OHC_LAYOUT_CHECK_TALLY_H
#define OHC_LAYOUT_CHECK_TALLY_H

#include <stddef.h>

struct ohc_tally {
	char *first;
	size_t n;
};

void ohc_tally_add(struct ohc_tally *t, const char *subject);
void ohc_tally_clear(struct ohc_tally *t);

/* "", " (and 1 more like it)", " (and 31 more like it)" */
#define OHC_TALLY_TEXT 48
const char *ohc_tally_more(const struct ohc_tally *t, char ret[OHC_TALLY_TEXT]);

#endif
