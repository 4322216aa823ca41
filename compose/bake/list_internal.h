/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the readers of the kinds of list. */
#ifndef OHC_COMPOSE_BAKE_LIST_INTERNAL_H
#define OHC_COMPOSE_BAKE_LIST_INTERNAL_H

#include "compose/bake/list.h"
#include "core/buf.h"

struct ohc_bake_reading {
	const struct ohc_bake_source *source;
	const struct ohc_bake_settings *defaults;
	struct ohc_bake_list *list;
	const char *text;
	size_t n;
	char *what; /* "list 'bases.csv'", for messages */
	struct ohc_set *seen;
};

/* Adds the image of a row, unless its base is there already; base is n bytes, without blanks
 * around.  An empty one is OHC_E_FORMAT. */
int ohc_bake_reading_base(struct ohc_bake_reading *r, const char *base, size_t n, size_t line,
			  struct ohc_error *err);

int ohc_bake_list_csv(struct ohc_bake_reading *r, struct ohc_error *err);
int ohc_bake_list_json_lines(struct ohc_bake_reading *r, struct ohc_error *err);

#endif
