/* SPDX-License-Identifier: Apache-2.0 */
/* The next number that nobody has. */
#ifndef OHC_LAYOUT_ACCOUNT_IDS_H
#define OHC_LAYOUT_ACCOUNT_IDS_H

#include "layout/account/rows.h"

/* The lowest id above `than` that field 2 of no row of either text has; b may be NULL.  False
 * where there is none up to 65533: what is above has its meaning (nobody, overflow ids). */
bool ohc_account_next_id(const struct ohc_buf *a, const struct ohc_buf *b, uint32_t than,
			 uint32_t *ret);

#endif
