/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and edits rows of passwd(5), group(5), shadow(5) and gshadow(5) in the file's text.
 * Everything else stays byte for byte: comments, odd lines, blanks, a missing final newline.
 *
 *	struct ohc_row row;
 *
 *	if (ohc_row_find(text, 0, "node", &row))
 *		ohc_row_set(text, &row, 5, "/home/openhands");
 *
 * A row is a line that names somebody: not empty, no comment, and none of NIS's lines ("+", "-"),
 * which name people elsewhere.  It begins behind the line's blanks.  A row is an offset into the
 * text: after an edit behind it, it is still valid; after any other edit it is not.
 */
#ifndef OHC_LAYOUT_ACCOUNT_ROWS_H
#define OHC_LAYOUT_ACCOUNT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct ohc_row {
	size_t at, len; /* without blanks in front, and without the line end */
};

/* The kinds of rows by their ids: field 2 is an id, and in passwd field 3 as well.  A row that
 * lacks one, or has something else there, names nobody: the C library skips it, whatever its name
 * is. */
enum ohc_row_kind {
	OHC_ROW_OF_GROUP = 1,
	OHC_ROW_OF_PASSWD = 2,
};

/* The next row from *pos on, which is 0 at first. */
bool ohc_row_next(const struct ohc_buf *text, size_t *pos, struct ohc_row *ret);

/* Finds the first row with that text in the field, as the C library looks for it. */
bool ohc_row_find(const struct ohc_buf *text, unsigned int field, const char *value,
		  struct ohc_row *ret);

/* Finds the first row with that name (field 0), or with that id (field 2). */
bool ohc_row_find_name(const struct ohc_buf *text, enum ohc_row_kind kind, const char *name,
		       struct ohc_row *ret, uint32_t *ret_id);
bool ohc_row_find_id(const struct ohc_buf *text, enum ohc_row_kind kind, uint32_t id,
		     struct ohc_row *ret);

/* The row's id; false where the row names nobody. */
bool ohc_row_is_one(const struct ohc_buf *text, const struct ohc_row *row, enum ohc_row_kind kind,
		    uint32_t *ret_id);

/* A copy of a field, which the caller frees; "" where the row has no such field. */
char *ohc_row_text(const struct ohc_buf *text, const struct ohc_row *row, unsigned int field);

/* False where the field is no number that can be an id. */
bool ohc_row_id(const struct ohc_buf *text, const struct ohc_row *row, unsigned int field,
		uint32_t *ret);

/* Replaces a field; false, and nothing changed, where the row has none.  row->len follows. */
bool ohc_row_set(struct ohc_buf *text, struct ohc_row *row, unsigned int field, const char *value);

/* Renames a member in the comma-separated lists of that field, in all rows.  False, and nothing
 * changed, where it is in none. */
bool ohc_rows_rename_member(struct ohc_buf *text, unsigned int field, const char *from,
			    const char *to);

/* Adds a line (without its end) behind the others, but before the first of NIS: rows behind such a
 * line are looked at only when nobody on the network has that name. */
void ohc_rows_add(struct ohc_buf *text, const char *line);

#endif
