// SPDX-License-Identifier: Apache-2.0
#include "compose/image/owner.h"

#include <errno.h>
#include <stdlib.h>

static int parse_id(const char *s, const char **end, uint32_t *ret)
{
	char *stop;
	unsigned long long v;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	v = strtoull(s, &stop, 10);
	if (errno || v > UINT32_MAX - 1) /* (uid_t)-1 means no one */
		return -1;
	*end = stop;
	*ret = (uint32_t)v;
	return 0;
}

bool ohc_owner_parse(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
	uint32_t uid, gid;
	const char *s;

	if (parse_id(text, &s, &uid) < 0)
		return false;
	gid = uid;
	if (*s == ':' && parse_id(s + 1, &s, &gid) < 0)
		return false;
	if (*s)
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
