/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom an image config's User means, by the account files (image-spec config.md, as engines read
 * it): USER or USER:GROUP, each a name or a number; a name comes first where both would do.
 * Without a User it is root.
 */
#ifndef OHC_LAYOUT_ACCOUNT_USER_H
#define OHC_LAYOUT_ACCOUNT_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

/* A number needs no account; its group is then that of root, unless one is named.  False, and
 * nothing changed, where a name is not there. */
bool ohc_account_user(const struct ohc_buf *passwd, const struct ohc_buf *group, const char *spec,
		      uint32_t *ret_uid, uint32_t *ret_gid);

#endif
