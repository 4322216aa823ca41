/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the user that an image config's User means, as engines look it up in the image's account
 * files.
 *
 *	struct ohc_user user = OHC_USER_INIT;
 *
 *	ohc_user_read(&passwd, &group, "app:staff", &user);
 *	if (user.known)
 *		... user.uid, user.gid ...
 *	ohc_user_clear(&user);
 *
 * The form is USER or USER:GROUP, each a name or a number (image-spec config.md).  containerd,
 * Docker and podman look both up by one parser, GetExecUser() of github.com/moby/sys/user, and runc
 * looks the home up by it as well.  That parser is not the C library's, so layout/account/rows.h,
 * which has the C library's rules, may find another user:
 *
 *	- a number is an id, also where an account is called so; it needs no account, and then has
 *	  root's group
 *	- the first line that matches counts, even a comment in passwd, but not in group
 *	- a field that is no number (nothing, " 5", "0x5") counts as 0; "+5" and "-5" are numbers
 *	- an id above 2147483647 is refused
 *	- an empty User, or an empty USER before a GROUP, is root; an empty GROUP counts as none
 *	- without a GROUP the user also is in the groups that have its account as a member
 */
#ifndef OHC_LAYOUT_ACCOUNT_USER_H
#define OHC_LAYOUT_ACCOUNT_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"

#define OHC_USER_ID_MAX INT32_MAX
#define OHC_USER_GROUPS 64 /* further memberships are left out */

enum ohc_user_lookup {
	OHC_USER_FOUND,
	OHC_USER_UNKNOWN, /* a name that is not there */
	OHC_USER_RANGE,   /* its id is one with which no engine starts a process */
};

struct ohc_user {
	bool known; /* user and group are both OHC_USER_FOUND, and all below holds */
	enum ohc_user_lookup user_lookup, group_lookup;
	bool has_account;
	uint32_t uid, gid;
	uint32_t groups[OHC_USER_GROUPS]; /* beside gid */
	size_t n_groups;
	char *user, *group; /* the parts of the User; "0" and "" where they are not given */
	char *home;         /* of the account; "/" where there is none */
};

#define OHC_USER_INIT        \
	{                    \
		.user = NULL \
	}

/* Empty texts stand for files that are not there.  The caller clears *ret. */
void ohc_user_read(const struct ohc_buf *passwd, const struct ohc_buf *group, const char *spec,
		   struct ohc_user *ret);
void ohc_user_clear(struct ohc_user *user);

/* Do the mode bits let the user do it?  want is of R_OK, W_OK, X_OK. */
bool ohc_user_may(const struct ohc_user *user, mode_t mode, uint32_t uid, uint32_t gid, int want);

#endif
