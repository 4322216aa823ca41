/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a template that is executed (format.c), which its expressions are read with
 * (format_value.c). */
#ifndef OHC_CMD_FORMAT_INTERNAL_H
#define OHC_CMD_FORMAT_INTERNAL_H

#include <stdbool.h>

#include "core/buf.h"
#include "oci/documents/json.h"

struct ohc_format_state {
	const char *at; /* what is not yet read */
	struct ohc_buf *out;
	struct ohc_error *err;
	unsigned int depth;
};

/* The state in which an expression is read. */
struct ohc_format_scope {
	json_t *dot;
	bool live;
	bool optional; /* a member that is not there is null */
};

int ohc_format_bad(struct ohc_format_state *f, const char *what, const char *near);
void ohc_format_skip_space(struct ohc_format_state *f);
size_t ohc_format_name_length(const char *s);

/* The expression up to the end of its action.  The caller decrefs *ret, which may be NULL: null. */
int ohc_format_read(struct ohc_format_state *f, const struct ohc_format_scope *s, json_t **ret);

void ohc_format_write(struct ohc_buf *out, const json_t *v);

/* As Go has it: not null, false, 0, nor empty. */
bool ohc_format_is_true(const json_t *v);

#endif
