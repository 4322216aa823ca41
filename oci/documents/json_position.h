/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds line and column of a value in a JSON text, for messages about values that are valid JSON
 * but not what was wanted: the parser knows the position of syntax errors alone.
 *
 *	struct ohc_json_position at = ohc_json_position(text, n, "layers[2].copy[0].from");
 *
 *	"line %zu, column %zu", at.line, at.column
 *
 * The position of a member is that of its key, of an array's element where it starts.  A path that
 * goes on behind what is there (a member that is missing) gives the position of the last step that
 * is.
 */
#ifndef OHC_OCI_DOCUMENTS_JSON_POSITION_H
#define OHC_OCI_DOCUMENTS_JSON_POSITION_H

#include <stddef.h>

struct ohc_json_position {
	size_t line, column; /* from 1; a column is a character */
};

/* text was parsed without a fault.  A key may have '.' and '[' in it. */
struct ohc_json_position ohc_json_position(const char *text, size_t n, const char *path);

/* Of the first n_ret elements of an array, in one pass; as many of ret as there are are set. */
void ohc_json_element_positions(const char *text, size_t n, const char *path,
				struct ohc_json_position *ret, size_t n_ret);

#endif
