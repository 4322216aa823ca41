// SPDX-License-Identifier: Apache-2.0
#include "layout/account/user.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/account/account.h"
#include "layout/account/rows.h"

static bool find_user(const struct ohc_buf *passwd, const char *user, uint32_t *uid, uint32_t *gid)
{
	bool numeric = ohc_account_id_parse(user, uid);
	struct ohc_row row;

	*gid = 0;
	if (!ohc_row_find_name(passwd, user, &row, uid) &&
	    (!numeric || !ohc_row_find_id(passwd, 2, *uid, &row)))
		return numeric;
	ohc_row_id(passwd, &row, 3, gid);
	return true;
}

bool ohc_account_user(const struct ohc_buf *passwd, const struct ohc_buf *group, const char *spec,
		      uint32_t *ret_uid, uint32_t *ret_gid)
{
	ohc_cleanup(ohc_freep) char *user = ohc_xstrdup(*spec ? spec : "0");
	char *colon = strchr(user, ':');
	struct ohc_row row;
	uint32_t uid, gid;

	if (colon)
		*colon = '\0';
	if (!find_user(passwd, user, &uid, &gid))
		return false;
	if (colon && !ohc_row_find_name(group, colon + 1, &row, &gid) &&
	    !ohc_account_id_parse(colon + 1, &gid))
		return false;
	*ret_uid = uid;
	*ret_gid = gid;
	return true;
}
