/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes a stranger's words for a message: in one line, printable, and cut when they are long. */
#ifndef OHC_REGISTRY_QUOTE_H
#define OHC_REGISTRY_QUOTE_H

#include "core/buf.h"

#define OHC_QUOTE_MAX 400

/* Adds s until b holds OHC_QUOTE_MAX bytes; "..." tells that there was more. */
void ohc_quote_add(struct ohc_buf *b, const char *s);

/* The caller frees it. */
char *ohc_quote(const char *s);

#endif
