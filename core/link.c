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

/* /dev/fd is a link to /proc/self/fd. */
static bool is_of_proc(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/dev/fd/", 8) == 0;
}

/* One step: *path is replaced, or stays where there is no link to follow. */
static int step(char **path, bool *ret_more, struct ohc_error *err)
{
	char *to = NULL;
	struct stat st;
	int rc;

	*ret_more = false;
	if (is_of_proc(*path) || lstat(*path, &st) < 0)
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
	bool more = true;
	int rc = 0;

	for (int i = 0; i < LINKS_MAX && more && rc == 0; i++)
		rc = step(&at, &more, err);
	if (rc == 0 && more) {
		errno = ELOOP;
		rc = ohc_error_sys(err, "cannot open '%s'", path);
	}
	if (rc == 0)
		*ret = ohc_take(at);
	return rc;
}

static bool is_one(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Of two files that are not there: one name in one directory. */
static bool would_be_same(const char *a, const char *b)
{
	ohc_cleanup(ohc_freep) char *dir_a = ohc_path_parent(a), *dir_b = ohc_path_parent(b);
	const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
	struct stat st_a, st_b;

	return strcmp(slash_a ? slash_a + 1 : a, slash_b ? slash_b + 1 : b) == 0 &&
	       stat(dir_a, &st_a) == 0 && stat(dir_b, &st_b) == 0 && is_one(&st_a, &st_b);
}

bool ohc_link_same(const char *a, const char *b)
{
	ohc_cleanup(ohc_freep) char *real_a = NULL, *real_b = NULL;
	struct stat st_a, st_b;
	bool has_a, has_b;

	if (ohc_link_follow(a, &real_a, NULL) < 0 || ohc_link_follow(b, &real_b, NULL) < 0)
		return false;
	has_a = stat(real_a, &st_a) == 0;
	has_b = stat(real_b, &st_b) == 0;
	if (has_a && has_b)
		return S_ISREG(st_a.st_mode) && is_one(&st_a, &st_b);
	return !has_a && !has_b && would_be_same(real_a, real_b);
}
