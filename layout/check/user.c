// SPDX-License-Identifier: Apache-2.0
/*
 * Who the image runs as: the config's User as engines read it (image-spec config.md: user, uid,
 * user:group, uid:gid, uid:group, user:gid), and what that one may do.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/account/account.h"
#include "layout/account/rows.h"
#include "layout/check/check_internal.h"

static bool parse_id(const char *text, uint32_t *ret)
{
	unsigned long v;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (*end || errno || v > UINT32_MAX - 1)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static int read_file(const struct ohc_check *c, enum ohc_account_file file, struct ohc_buf *ret,
		     struct ohc_error *err)
{
	int rc = ohc_files_read_path(c->files, ohc_account_file_path(file), OHC_ACCOUNT_FILE_MAX,
				     ret, err);

	return rc < 0 ? rc : 0;
}

static void find_user(struct ohc_user *u, const struct ohc_buf *passwd)
{
	bool numeric = parse_id(u->user, &u->uid);
	struct ohc_row row;
	char *home;

	/* A number may be a name, and that comes first. */
	u->has_account = ohc_row_find(passwd, 0, u->user, &row) ||
			 (numeric && ohc_row_find_id(passwd, 2, u->uid, &row));
	u->user_found = numeric || u->has_account;
	if (!u->has_account)
		return;
	ohc_row_id(passwd, &row, 2, &u->uid);
	ohc_row_id(passwd, &row, 3, &u->gid);
	home = ohc_row_text(passwd, &row, 5);
	if (*home) {
		free(u->home);
		u->home = ohc_take(home);
	}
	free(home);
	if (numeric) {
		free(u->user);
		u->user = ohc_row_text(passwd, &row, 0);
	}
}

static void find_group(struct ohc_user *u, const struct ohc_buf *group)
{
	struct ohc_row row;
	uint32_t gid = 0;

	if (!*u->group) {
		u->group_found = true;
		return;
	}
	u->group_found = ohc_row_find(group, 0, u->group, &row);
	if (u->group_found)
		ohc_row_id(group, &row, 2, &u->gid);
	else if (parse_id(u->group, &gid))
		u->group_found = true, u->gid = gid;
}

static bool is_member(const char *members, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = members; *s; s += strcspn(s, ","), s += *s == ',')
		if (strncmp(s, name, n) == 0 && (!s[n] || s[n] == ','))
			return true;
	return false;
}

/* Engines add the groups that have the user as a member, unless the config names a group. */
static void find_groups(struct ohc_user *u, const struct ohc_buf *group)
{
	struct ohc_row row;
	size_t pos = 0;

	while (!*u->group && u->has_account && u->n_groups < OHC_USER_GROUPS &&
	       ohc_row_next(group, &pos, &row)) {
		ohc_cleanup(ohc_freep) char *members = ohc_row_text(group, &row, 3);

		if (is_member(members, u->user) &&
		    ohc_row_id(group, &row, 2, &u->groups[u->n_groups]))
			u->n_groups++;
	}
}

int ohc_check_read_user(const struct ohc_check *c, struct ohc_user *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf passwd = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf group = OHC_BUF_INIT;
	const char *text = ohc_check_text(c->config, "User"), *colon = strchr(text, ':');
	int rc = read_file(c, OHC_PASSWD, &passwd, err);

	if (rc == 0)
		rc = read_file(c, OHC_GROUP, &group, err);
	if (rc < 0)
		return rc;
	memset(ret, 0, sizeof(*ret));
	ret->user = *text ? ohc_xstrndup(text, colon ? (size_t)(colon - text) : strlen(text))
			  : ohc_xstrdup("0");
	ret->group = ohc_xstrdup(colon ? colon + 1 : "");
	ret->home = ohc_xstrdup("/");
	find_user(ret, &passwd);
	find_group(ret, &group);
	find_groups(ret, &group);
	ret->known = ret->user_found && ret->group_found;
	return 0;
}

void ohc_user_clear(struct ohc_user *u)
{
	free(u->user);
	free(u->group);
	free(u->home);
	memset(u, 0, sizeof(*u));
}

static bool in_group(const struct ohc_user *u, uint32_t gid)
{
	for (size_t i = 0; i < u->n_groups; i++)
		if (u->groups[i] == gid)
			return true;
	return u->gid == gid;
}

bool ohc_user_may(const struct ohc_user *u, const struct ohc_files_node *node, int want)
{
	unsigned int shift = node->uid == u->uid ? 6 : in_group(u, node->gid) ? 3 : 0;

	/* root needs but one x, of anyone. */
	if (u->uid == 0)
		return !(want & X_OK) || S_ISDIR(node->mode) || (node->mode & 0111);
	return (node->mode >> shift & (unsigned int)want) == (unsigned int)want;
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
		     ohc_user_may(u, &place.node, slash ? X_OK : want);
		if (slash)
			*slash = '/';
		s = slash;
	}
	return rc;
}

int ohc_check_user(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_user_clear) struct ohc_user u = { .known = false };
	const char *given = ohc_check_text(c->config, "User");
	int rc = ohc_check_read_user(c, &u, err);

	if (rc < 0)
		return rc;
	if (!u.user_found)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "user-unknown", u.user,
				 "is not in the image's /etc/passwd: no engine can start as it; "
				 "give a number, or an account (--account)");
	else if (!u.has_account && u.uid != 0)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "user-no-account", u.user,
				 "is a number that no account in /etc/passwd has: whoami, ssh and "
				 "git will complain; --account adds one");
	if (!u.group_found)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "group-unknown", u.group,
				 "is not in the image's /etc/group: no engine can start with it; "
				 "give a number");
	if (u.known)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "user", *given ? given : "root",
				 "is %u:%u", u.uid, u.gid);
	return 0;
}
