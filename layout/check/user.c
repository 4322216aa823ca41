// SPDX-License-Identifier: Apache-2.0
/* Checks the user that the image runs as (layout/account/user.h), and what that user may do. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/account/account.h"
#include "layout/check/check_internal.h"

static int read_file(const struct ohc_check *c, enum ohc_account_file file, struct ohc_buf *ret,
		     struct ohc_error *err)
{
	int rc = ohc_files_read_path(c->files, ohc_account_file_path(file), OHC_ACCOUNT_FILE_MAX,
				     ret, err);

	return rc < 0 ? rc : 0;
}

int ohc_check_read_user(const struct ohc_check *c, struct ohc_user *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf passwd = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf group = OHC_BUF_INIT;
	int rc = read_file(c, OHC_PASSWD, &passwd, err);

	if (rc == 0)
		rc = read_file(c, OHC_GROUP, &group, err);
	if (rc == 0)
		ohc_user_read(&passwd, &group, ohc_check_text(c->config, "User"), ret);
	return rc;
}

bool ohc_check_user_may(const struct ohc_user *u, const struct ohc_files_node *node, int want)
{
	return ohc_user_may(u, node->mode, node->uid, node->gid, want);
}

int ohc_check_may(const struct ohc_check *c, const struct ohc_user *u, const char *path, int want,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *way = ohc_xstrdup(path);
	int rc = 1;

	for (char *s = way; rc == 1 && s;) {
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		char *slash = strchr(s + 1, '/');

		if (slash)
			*slash = '\0';
		rc = ohc_files_find(c->files, way, OHC_FILES_FOLLOW, &place, err);
		if (rc < 0)
			return rc;
		rc = place.found == OHC_FILES_THERE &&
		     ohc_check_user_may(u, &place.node, slash ? X_OK : want);
		if (slash)
			*slash = '/';
		s = slash;
	}
	return rc;
}

/* Reports a part of the User with which no engine can start: the user's or the group's. */
static void tell_unknown(const struct ohc_check *c, const char *code, const char *part,
			 enum ohc_user_lookup lookup, const char *file, const char *help)
{
	if (lookup == OHC_USER_UNKNOWN)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, code, part,
				 "is not in the image's %s: no engine can start as it; %s", file,
				 help);
	else if (lookup == OHC_USER_RANGE)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, code, part,
				 "means an id that no engine starts as: they take 0 to %d",
				 OHC_USER_ID_MAX);
}

int ohc_check_user(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_user_clear) struct ohc_user u = OHC_USER_INIT;
	const char *given = ohc_check_text(c->config, "User");
	int rc = ohc_check_read_user(c, &u, err);

	if (rc < 0)
		return rc;
	tell_unknown(c, "user-unknown", u.user, u.user_lookup, "/etc/passwd",
		     "give a number, or an account (--account)");
	tell_unknown(c, "group-unknown", u.group, u.group_lookup, "/etc/group", "give a number");
	if (u.user_lookup == OHC_USER_FOUND && !u.has_account && u.uid != 0)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "user-no-account", u.user,
				 "is a number that no account in /etc/passwd has: whoami, ssh and "
				 "git will complain; --account adds one");
	if (u.known)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "user", *given ? given : "root",
				 "is %u:%u", u.uid, u.gid);
	return 0;
}
