// SPDX-License-Identifier: Apache-2.0
#include "layout/check/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"

void ohc_tally_add(struct ohc_tally *t, const char *subject)
{
	if (t->n++ == 0)
		t->first = ohc_xstrdup(subject);
}

void ohc_tally_clear(struct ohc_tally *t)
{
	free(t->first);
	*t = (struct ohc_tally){ NULL, 0 };
}

const char *ohc_tally_more(const struct ohc_tally *t, char ret[OHC_TALLY_TEXT])
{
	*ret = '\0';
	if (t->n > 1)
		snprintf(ret, OHC_TALLY_TEXT, " (and %zu more like it)", t->n - 1);
	return ret;
}
