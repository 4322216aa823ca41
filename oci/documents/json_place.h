/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a JSON text something stands, for messages about values that are valid JSON but not what
 * was wanted: the parser knows the place of syntax errors alone.
 *
 *	struct ohc_json_place at = ohc_json_place(text, n, "layers[2].copy[0].from");
 *
 *	"line %zu, column %zu", at.line, at.column
 *
 * The place of a member is that of its key, of an array's element where it starts.  A path that
 * goes on behind what is there (a member that is missing) gives the place of the last step that
 * is.
 */
#ifndef OHC_OCI_DOCUMENTS_JSON_PLACE_H
#define OHC_OCI_DOCUMENTS_JSON_PLACE_H

#include <stddef.h>

struct ohc_json_place {
	size_t line, column; /* from 1; a column is a character */
};

/* text was parsed without a fault.  A key may have '.' and '[' in it. */
struct ohc_json_place ohc_json_place(const char *text, size_t n, const char *path);

#endif
