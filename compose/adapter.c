// SPDX-License-Identifier: Apache-2.0
#include "compose/adapter.h"

/* --user where it is in numbers, else the profile's account. */
static void find_user(const struct ohc_inputs *in, uint32_t *uid, uint32_t *gid)
{
	const char *user = in->options->user ? in->options->user : in->profile.user;

	*uid = in->profile.account.uid;
	*gid = in->profile.account.gid;
	if (user)
		ohc_owner_parse(user, uid, gid);
}

void ohc_adapter_entries(const struct ohc_inputs *in, struct ohc_entries *ret)
{
	uint32_t uid, gid;

	find_user(in, &uid, &gid);
	for (size_t i = 0; i < in->profile.workspace.n; i++)
		ohc_entries_dir(ret, in->profile.workspace.v[i], 0755, uid, gid);
}
