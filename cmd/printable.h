/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of strangers on a terminal.  Adds s to *out with everything escaped that would be obeyed
 * rather than shown: control characters (\n, \x1b, …), bytes that are not UTF-8, and the marks that
 * turn the direction of writing, with which a name can be made to look like another.
 */
#ifndef OHC_CMD_PRINTABLE_H
#define OHC_CMD_PRINTABLE_H

#include <stddef.h>

#include "core/buf.h"

void ohc_printable(struct ohc_buf *out, const char *s);

/* The same for n bytes of which line breaks and tabs stay. */
void ohc_printable_lines(struct ohc_buf *out, const char *s, size_t n);

/* The same for a JSON document without spaces, in JSON's own way: it means what it meant. */
void ohc_printable_json(struct ohc_buf *out, const char *json);

/* The length in bytes of what fits into `columns` of a terminal; *ret_columns is what it takes.
 * s is printable. */
size_t ohc_printable_fit(const char *s, size_t columns, size_t *ret_columns);

#endif
