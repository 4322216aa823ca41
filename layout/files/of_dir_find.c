// SPDX-License-Identifier: Apache-2.0
/* The way to a path inside a directory: component by component, as if it were the root. */
#include "layout/files/of_dir_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"

#define LINKS_MAX 40 /* the kernel's MAXSYMLINKS */

/* A walk to a path: `at` is what has been walked, without symlinks, `rest` what is to come. */
struct way {
	struct ohc_dir_files *d;
	struct ohc_buf at, rest;
	struct stat st; /* of at */
	unsigned int links;
};

static void way_clear(struct way *w)
{
	ohc_buf_clear(&w->at);
	ohc_buf_clear(&w->rest);
}

static int read_link(const struct ohc_dir_files *d, const char *path, char **ret,
		     struct ohc_error *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(d->fd, ohc_files_dir_relative(path), target, sizeof(target));

	if (n < 0 || (size_t)n == sizeof(target))
		return ohc_error_sys(err, "cannot read the symlink '%s%s'", d->name, path);
	*ret = ohc_xstrndup(target, (size_t)n);
	return 0;
}

/* The first component of what is to come, taken off it; NULL when there is none. */
static char *next_component(struct way *w)
{
	const char *s = ohc_buf_str(&w->rest);
	size_t skip = strspn(s, "/"), n = strcspn(s + skip, "/");
	char *name = n ? ohc_xstrndup(s + skip, n) : NULL;
	char *rest = ohc_xstrdup(s + skip + n);

	ohc_buf_clear(&w->rest);
	ohc_buf_adds(&w->rest, rest);
	free(rest);
	return name;
}

static void go_up(struct way *w)
{
	const char *slash = strrchr(w->at.data, '/');

	ohc_buf_truncate(&w->at, slash == w->at.data ? 1 : (size_t)(slash - w->at.data));
}

static bool more_to_come(const struct way *w)
{
	const char *s = ohc_buf_str(&w->rest);

	return s[strspn(s, "/")] != '\0';
}

/* Whether a trailing '/' asks for a directory. */
static bool wants_dir(const struct way *w)
{
	return *ohc_buf_str(&w->rest) == '/';
}

static int follow_link(struct way *w, enum ohc_files_found *found, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *target = NULL;
	ohc_cleanup(ohc_freep) char *rest = ohc_xstrdup(ohc_buf_str(&w->rest));
	int rc = read_link(w->d, w->at.data, &target, err);

	if (rc < 0)
		return rc;
	if (++w->links > LINKS_MAX) {
		*found = OHC_FILES_LOOP;
		return 0;
	}
	if (*target == '/')
		ohc_buf_truncate(&w->at, 1);
	else
		go_up(w);
	ohc_buf_clear(&w->rest);
	ohc_buf_addf(&w->rest, "%s%s%s", target, *rest ? "/" : "", rest);
	return 0;
}

static int look(struct way *w, bool *ret_there, struct ohc_error *err)
{
	*ret_there = fstatat(w->d->fd, ohc_files_dir_relative(w->at.data), &w->st,
			     AT_SYMLINK_NOFOLLOW) == 0;
	if (*ret_there || errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
		return 0;
	return ohc_error_sys(err, "cannot look at '%s%s'", w->d->name, w->at.data);
}

static int step(struct way *w, const char *name, enum ohc_files_follow follow,
		enum ohc_files_found *found, struct ohc_error *err)
{
	bool there;
	int rc;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		go_up(w);
		return look(w, &there, err);
	}
	ohc_buf_addf(&w->at, "%s%s", w->at.len > 1 ? "/" : "", name);
	rc = look(w, &there, err);
	if (rc < 0)
		return rc;
	if (!there) {
		ohc_buf_adds(&w->at, ohc_buf_str(&w->rest));
		*found = OHC_FILES_ABSENT;
	} else if (S_ISLNK(w->st.st_mode) && (follow == OHC_FILES_FOLLOW || wants_dir(w))) {
		return follow_link(w, found, err);
	} else if (!S_ISDIR(w->st.st_mode) && wants_dir(w)) {
		*found = OHC_FILES_NOT_DIR;
	}
	return 0;
}

int ohc_files_dir_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		       struct ohc_files_place *ret, struct ohc_error *err)
{
	ohc_cleanup(
		way_clear) struct way w = { .d = OHC_CONTAINER_OF(f, struct ohc_dir_files, files) };
	struct ohc_files_place place = { .found = OHC_FILES_THERE };
	bool there;
	int rc;

	ohc_buf_adds(&w.at, "/");
	ohc_buf_adds(&w.rest, path);
	rc = look(&w, &there, err);
	while (rc == 0 && place.found == OHC_FILES_THERE && more_to_come(&w)) {
		ohc_cleanup(ohc_freep) char *name = next_component(&w);

		rc = step(&w, name, follow, &place.found, err);
	}
	if (rc == 0 && place.found == OHC_FILES_THERE) {
		ohc_files_dir_node(&place.node, &w.st);
		if (S_ISLNK(w.st.st_mode))
			rc = read_link(w.d, w.at.data, &place.link, err);
	}
	if (rc < 0)
		return rc;
	place.path = ohc_buf_detach(&w.at);
	*ret = place;
	return 0;
}
