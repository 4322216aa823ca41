/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps bytes that come in many small amounts in a few large sheets: none is moved when more come,
 * and each is given back to the system as a whole.
 *
 *	struct ohc_sheets sheets = OHC_SHEETS_INIT;
 *
 *	const void *kept = ohc_sheets_add(&sheets, data, n);
 *	...
 *	ohc_sheets_clear(&sheets);
 */
#ifndef OHC_CORE_SHEETS_H
#define OHC_CORE_SHEETS_H

#include <stddef.h>

#define OHC_SHEET_SIZE (2u << 20)

struct ohc_sheets {
	char **v;
	size_t n;
	size_t left; /* bytes of the last one that are free */
	size_t size; /* of the last one */
};

#define OHC_SHEETS_INIT   \
	{                 \
		.v = NULL \
	}

/* Returns where the bytes are kept, in one piece, until clear(). */
const void *ohc_sheets_add(struct ohc_sheets *s, const void *data, size_t n);
void ohc_sheets_clear(struct ohc_sheets *s);

#endif
