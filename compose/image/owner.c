// SPDX-License-Identifier: Apache-2.0
#include "compose/image/owner.h"

#include <string.h>

#include "core/id.h"

bool ohc_owner_parse(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
	size_t n = strcspn(text, ":");
	uint32_t uid, gid;

	if (!ohc_id_parse(text, n, &uid))
		return false;
	gid = uid;
	if (text[n] && !ohc_id_parse(text + n + 1, strlen(text + n + 1), &gid))
		return false;
	*ret_uid = uid;
	*ret_gid = gid;
	return true;
}

int ohc_owner_read(const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct ohc_error *err)
{
	if (ohc_owner_parse(text, ret_uid, ret_gid))
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "malformed owner '%s': UID:GID is wanted, in numbers", text);
}
