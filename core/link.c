// SPDX-License-Identifier: Apache-2.0
#include "core/link.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"

#define LINKS_MAX 40 /* as Linux has it */

static bool is_trap(const char *path, const struct stat *st)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	struct stat d;

	return st->st_uid != geteuid() && stat(dir, &d) == 0 && (d.st_mode & S_ISVTX) &&
	       (d.st_mode & S_IWOTH) && d.st_uid != st->st_uid;
}

static int refuse(const char *path, const struct stat *st, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FAILED,
			     "'%s' is another user's %s in a directory where everybody may write: "
			     "nothing is written there",
			     path, S_ISLNK(st->st_mode) ? "symbolic link" : "pipe or device");
}

/* The path that the link's text means. */
static int next(const char *path, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return ohc_error_sys(err, "cannot read the link '%s'", path);
	text[n] = '\0';
	*ret = *text == '/' ? ohc_xstrdup(text) : ohc_xasprintf("%s/%s", dir, text);
	return 0;
}

/* One step: *path is replaced, or stays where there is no link to follow. */
static int step(char **path, bool *ret_more, struct ohc_error *err)
{
	char *to = NULL;
	struct stat st;
	int rc;

	*ret_more = false;
	if (strncmp(*path, "/proc/", 6) == 0 || lstat(*path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && is_trap(*path, &st))
		return refuse(*path, &st, err);
	if (!S_ISLNK(st.st_mode))
		return 0;
	rc = next(*path, &to, err);
	if (rc < 0)
		return rc;
	free(*path);
	*path = to;
	*ret_more = true;
	return 0;
}

int ohc_link_follow(const char *path, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *at = ohc_xstrdup(path);
	struct stat st;
	bool more = true;
	int rc = 0;

	for (int i = 0; i < LINKS_MAX && more && rc == 0; i++)
		rc = step(&at, &more, err);
	if (rc == 0 && more) {
		errno = ELOOP;
		rc = ohc_error_sys(err, "cannot open '%s'", path);
	}
	if (rc == 0)
		*ret = stat(at, &st) == 0 ? ohc_take(at) : ohc_xstrdup(path);
	return rc;
}
