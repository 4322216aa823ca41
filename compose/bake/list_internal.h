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
	const char *what; /* "list 'bases.csv'", for messages */
	struct ohc_set *seen;
	struct ohc_map *shared;  /* places in list->shared, by what is in them */
	bool top_dest, top_tags; /* the top of the JSON has a "dest", a "tag" */
};

/* In a row of a table: where a value stands. */
struct ohc_bake_place {
	size_t line;
	const char *start; /* of the line */
	const char *at;
};

/* Adds the image of a row, unless its base is there already; base is n bytes, which may have blanks
 * around, and begins at that place.  An empty one is OHC_E_FORMAT. */
int ohc_bake_reading_base(struct ohc_bake_reading *r, const char *base, size_t n,
			  const struct ohc_bake_place *place, struct ohc_error *err);

/* "list 'bases.csv': line 7, column 3: " and why; OHC_E_FORMAT. */
int ohc_bake_reading_wrong(const struct ohc_bake_reading *r, const struct ohc_bake_place *place,
			   struct ohc_error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* No column, or member, is called as the field is: which there are. */
int ohc_bake_reading_no_field(const struct ohc_bake_reading *r, const struct ohc_bake_place *place,
			      const char *kind, const struct ohc_strv *names,
			      struct ohc_error *err);

int ohc_bake_list_csv(struct ohc_bake_reading *r, struct ohc_error *err);
int ohc_bake_list_json_lines(struct ohc_bake_reading *r, struct ohc_error *err);

#endif
