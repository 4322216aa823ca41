// SPDX-License-Identifier: Apache-2.0
/* tsearch(3)'s balanced tree: its keys may be a stranger's, and a tree has no worst case to aim at.
 */
#include "core/set.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct ohc_set {
	void *root;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct ohc_set *ohc_set_new(void)
{
	return ohc_xcalloc(1, sizeof(struct ohc_set));
}

void ohc_set_free(struct ohc_set *set)
{
	if (!set)
		return;
	tdestroy(set->root, free);
	free(set);
}

void ohc_set_freep(struct ohc_set **set)
{
	ohc_set_free(*set);
}

bool ohc_set_has(const struct ohc_set *set, const char *s)
{
	return tfind(s, &set->root, compare) != NULL;
}

bool ohc_set_add(struct ohc_set *set, const char *s)
{
	if (ohc_set_has(set, s))
		return false;
	if (!tsearch(ohc_xstrdup(s), &set->root, compare))
		abort(); /* no memory, as everywhere (core/alloc.h) */
	return true;
}
