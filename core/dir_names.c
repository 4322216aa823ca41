// SPDX-License-Identifier: Apache-2.0
#include "core/dir_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"

static int compare(const void *a, const void *b)
{
	const struct ohc_dir_name *x = a, *y = b;

	return ohc_path_compare(x->name, x->is_dir, y->name, y->is_dir);
}

static int add(struct ohc_dir_names *names, int fd, const struct dirent *e, const char *path,
	       struct ohc_error *err)
{
	bool is_dir = e->d_type == DT_DIR;
	struct stat st;

	if (e->d_type == DT_UNKNOWN) {
		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return ohc_error_sys(err, "cannot read '%s/%s'", path, e->d_name);
		is_dir = S_ISDIR(st.st_mode);
	}
	if ((names->n & (names->n + 1)) == 0)
		names->v = ohc_xrealloc(names->v, 2 * (names->n + 1), sizeof(*names->v));
	names->v[names->n++] = (struct ohc_dir_name){ ohc_xstrdup(e->d_name), is_dir };
	return 0;
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

int ohc_dir_names_read(int fd, const char *path, struct ohc_dir_names *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	ohc_cleanup(closedirp) DIR *d = NULL;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct dirent *e;
	int rc;

	if (copy < 0 || !(d = fdopendir(copy))) {
		ohc_closep(&copy);
		return ohc_error_sys(err, "cannot read directory '%s'", path);
	}
	while (errno = 0, (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		rc = add(&names, fd, e, path, err);
		if (rc < 0)
			return rc;
	}
	if (errno)
		return ohc_error_sys(err, "cannot read directory '%s'", path);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), compare);
	*ret = names;
	names = (struct ohc_dir_names){ NULL, 0 };
	return 0;
}

void ohc_dir_names_clear(struct ohc_dir_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].name);
	free(names->v);
	*names = (struct ohc_dir_names){ NULL, 0 };
}
