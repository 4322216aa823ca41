/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a bake as one HTML page: sums, a curve of progress over time, sizes, failures first, then
 * every image.  It loads nothing from elsewhere, and is whole without JavaScript; with it the list
 * can be searched.  All text is escaped: names come from lists and registries.
 */
#ifndef OHC_COMPOSE_BAKE_PAGE_H
#define OHC_COMPOSE_BAKE_PAGE_H

#include "compose/bake/outcome.h"
#include "core/buf.h"

/* title is the list's name. */
void ohc_bake_page(const char *title, const struct ohc_bake_outcome *v, size_t n,
		   struct ohc_buf *ret);

#endif
