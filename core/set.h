/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of strings, for lists of thousands where comparing with each would take too long.
 *
 *	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
 *
 *	if (!ohc_set_add(seen, name))
 *		... it was there already ...
 */
#ifndef OHC_CORE_SET_H
#define OHC_CORE_SET_H

#include <stdbool.h>
#include <stddef.h>

struct ohc_set;

struct ohc_set *ohc_set_new(void);
void ohc_set_free(struct ohc_set *set);
void ohc_set_freep(struct ohc_set **set);

/* False: it was there.  The string is copied. */
bool ohc_set_add(struct ohc_set *set, const char *s);

bool ohc_set_has(const struct ohc_set *set, const char *s);

#endif
