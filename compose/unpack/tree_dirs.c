// SPDX-License-Identifier: Apache-2.0
#include "compose/unpack/tree_dirs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"

struct ohc_tree_dir {
	char *path;
	size_t arrived; /* how many came before */
	mode_t mode;
	int64_t mtime;
};

void ohc_tree_dirs_add(struct ohc_tree_dirs *dirs, const char *path, mode_t mode, int64_t mtime)
{
	dirs->v = ohc_xrealloc(dirs->v, dirs->n + 1, sizeof(*dirs->v));
	dirs->v[dirs->n] = (struct ohc_tree_dir){ ohc_xstrdup(path), dirs->n, mode, mtime };
	dirs->n++;
}

/* Puts a directory behind those in it, since a parent that may not be entered would hide them, and
 * the newest of one path first. */
static int compare(const void *a, const void *b)
{
	const struct ohc_tree_dir *x = a, *y = b;
	int by_path = strcmp(y->path, x->path);

	return by_path ? by_path : (y->arrived > x->arrived) - (y->arrived < x->arrived);
}

static int set_one(const struct ohc_tree_dir *d, int tree, struct ohc_error *err)
{
	const struct timespec times[] = { { .tv_sec = d->mtime }, { .tv_sec = d->mtime } };
	const char *path = *d->path ? d->path : ".";
	ohc_cleanup(ohc_closep) int fd =
		openat(tree, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fchmod(fd, d->mode) < 0)
		return ohc_error_sys(err, "cannot set the permissions of '%s'", path);
	futimens(fd, times);
	return 0;
}

int ohc_tree_dirs_set(struct ohc_tree_dirs *dirs, int fd, struct ohc_error *err)
{
	int rc = 0;

	if (dirs->n)
		qsort(dirs->v, dirs->n, sizeof(*dirs->v), compare);
	for (size_t i = 0; rc == 0 && i < dirs->n; i++)
		if (i == 0 || strcmp(dirs->v[i].path, dirs->v[i - 1].path) != 0)
			rc = set_one(&dirs->v[i], fd, err);
	return rc;
}

void ohc_tree_dirs_clear(struct ohc_tree_dirs *dirs)
{
	for (size_t i = 0; i < dirs->n; i++)
		free(dirs->v[i].path);
	free(dirs->v);
	memset(dirs, 0, sizeof(*dirs));
}
