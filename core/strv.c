// SPDX-License-Identifier: Apache-2.0
#include "core/strv.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void ohc_strv_take(struct ohc_strv *list, char *s)
{
	/* Room is made in powers of two, so n alone tells when there is none. */
	if ((list->n & (list->n + 1)) == 0)
		list->v = ohc_xrealloc(list->v, 2 * (list->n + 1), sizeof(*list->v));
	list->v[list->n++] = s;
	list->v[list->n] = NULL;
}

void ohc_strv_add(struct ohc_strv *list, const char *s)
{
	ohc_strv_take(list, ohc_xstrdup(s));
}

bool ohc_strv_has(const struct ohc_strv *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], s) == 0)
			return true;
	return false;
}

void ohc_strv_clear(struct ohc_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct ohc_strv)OHC_STRV_INIT;
}
