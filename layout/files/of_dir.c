// SPDX-License-Identifier: Apache-2.0
#include "layout/files/of_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/dir_names.h"
#include "core/interrupt.h"
#include "core/io.h"
#include "layout/files/files.h"

#define DEPTH_MAX 512
#define LINKS_MAX 40 /* the kernel's MAXSYMLINKS */

/* The facts of an ELF file.  Files of other kinds are not remembered, because there are many and
 * they are seldom asked for twice. */
struct known_elf {
	char *path;
	struct ohc_elf elf;
};

struct dir_files {
	struct ohc_files files;
	int fd;
	char *name; /* for messages, before a path */
	void *elfs; /* a tree (tsearch) of struct known_elf */
};

/* A path as the *at() calls take it. */
static const char *relative(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static void fill_node(struct ohc_files_node *node, const struct stat *st)
{
	*node = (struct ohc_files_node){ .mode = st->st_mode,
					 .uid = st->st_uid,
					 .gid = st->st_gid,
					 .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
					 .mtime = st->st_mtime };
}

/* A walk to a path: `at` is the part that was walked, without symlinks, `rest` the part that is to
 * come. */
struct way {
	struct dir_files *d;
	struct ohc_buf at, rest;
	struct stat st; /* of at */
	unsigned int links;
};

static void way_clear(struct way *w)
{
	ohc_buf_clear(&w->at);
	ohc_buf_clear(&w->rest);
}

static int read_link(const struct dir_files *d, const char *path, char **ret, struct ohc_error *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(d->fd, relative(path), target, sizeof(target));

	if (n < 0 || (size_t)n == sizeof(target))
		return ohc_error_sys(err, "cannot read the symlink '%s%s'", d->name, path);
	*ret = ohc_xstrndup(target, (size_t)n);
	return 0;
}

/* Cuts the first component off the rest; NULL when there is none. */
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

/* Does a trailing '/' ask for a directory? */
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
	*ret_there = fstatat(w->d->fd, relative(w->at.data), &w->st, AT_SYMLINK_NOFOLLOW) == 0;
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

static int dir_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		    struct ohc_files_place *ret, struct ohc_error *err)
{
	ohc_cleanup(way_clear) struct way w = { .d = OHC_CONTAINER_OF(f, struct dir_files, files) };
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
		fill_node(&place.node, &w.st);
		if (S_ISLNK(w.st.st_mode))
			rc = read_link(w.d, w.at.data, &place.link, err);
	}
	if (rc < 0)
		return rc;
	place.path = ohc_buf_detach(&w.at);
	*ret = place;
	return 0;
}

struct dir_walk {
	struct dir_files *d;
	ohc_files_fn fn;
	void *ctx;
	struct ohc_buf path;
	unsigned int depth;
};

static int walk_dir(struct dir_walk *w, struct ohc_error *err);

static int walk_name(struct dir_walk *w, const char *name, struct ohc_error *err)
{
	struct ohc_files_node node;
	struct stat st;
	size_t len = w->path.len;
	int rc;

	ohc_buf_addf(&w->path, "%s%s", len > 1 ? "/" : "", name);
	if (fstatat(w->d->fd, relative(w->path.data), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ohc_error_sys(err, "cannot look at '%s%s'", w->d->name, w->path.data);
	fill_node(&node, &st);
	rc = w->fn(w->ctx, w->path.data, &node, err);
	if (rc == 0 && S_ISDIR(st.st_mode))
		rc = walk_dir(w, err);
	ohc_buf_truncate(&w->path, len);
	return rc == OHC_FILES_SKIP ? 0 : rc;
}

static int walk_dir(struct dir_walk *w, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	ohc_cleanup(ohc_closep) int fd = -1;
	int rc = ohc_interrupt_check(err);

	if (rc < 0)
		return rc;
	if (w->depth == DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s%s' lies deeper than %d directories",
				     w->d->name, w->path.data, DEPTH_MAX);
	fd = openat(w->d->fd, relative(w->path.data),
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s%s'", w->d->name, w->path.data);
	rc = ohc_dir_names_read(fd, w->path.data, &names, err);
	ohc_closep(&fd);
	fd = -1;
	w->depth++;
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		rc = walk_name(w, names.v[i].name, err);
	w->depth--;
	return rc;
}

static int dir_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		    struct ohc_error *err)
{
	struct dir_walk w = { OHC_CONTAINER_OF(f, struct dir_files, files), fn, ctx, OHC_BUF_INIT,
			      0 };
	int rc;

	ohc_buf_adds(&w.path, dir);
	rc = walk_dir(&w, err);
	ohc_buf_clear(&w.path);
	return rc;
}

static int open_file(const struct dir_files *d, const char *path, int *ret, struct ohc_error *err)
{
	*ret = openat(d->fd, relative(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return *ret < 0 ? ohc_error_sys(err, "cannot open '%s%s'", d->name, path) : 0;
}

static int compare_known(const void *a, const void *b)
{
	return strcmp(((const struct known_elf *)a)->path, ((const struct known_elf *)b)->path);
}

static void free_known(void *p)
{
	struct known_elf *k = p;

	free(k->path);
	ohc_elf_clear(&k->elf);
	free(k);
}

static int dir_elf(struct ohc_files *f, const struct ohc_files_place *place,
		   const struct ohc_elf **ret, struct ohc_error *err)
{
	struct dir_files *d = OHC_CONTAINER_OF(f, struct dir_files, files);
	struct known_elf wanted = { .path = place->path }, *k;
	ohc_cleanup(ohc_closep) int fd = -1;
	struct known_elf **found = tfind(&wanted, &d->elfs, compare_known);
	int rc;

	if (!found) {
		rc = open_file(d, place->path, &fd, err);
		if (rc == 0)
			rc = ohc_elf_read_fd(fd, place->path, &wanted.elf, err);
		if (rc <= 0)
			return rc;
		k = ohc_xmalloc(sizeof(*k));
		*k = (struct known_elf){ ohc_xstrdup(place->path), wanted.elf };
		found = tsearch(k, &d->elfs, compare_known);
		if (!found) {
			free_known(k);
			return ohc_error_set(err, OHC_E_FAILED, "out of memory");
		}
	}
	*ret = &(*found)->elf;
	return 1;
}

static int dir_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		    struct ohc_buf *ret, struct ohc_error *err)
{
	struct dir_files *d = OHC_CONTAINER_OF(f, struct dir_files, files);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_freep) char *data = NULL;
	size_t n = place->node.size < max ? (size_t)place->node.size : max;
	ssize_t got;
	int fd, rc = open_file(d, place->path, &fd, err);

	if (rc < 0)
		return rc;
	src = ohc_source_fd(fd, place->path);
	data = ohc_xmalloc(n);
	got = n ? ohc_source_read_full(src, data, n, err) : 0;
	if (got < 0)
		return (int)got;
	ohc_buf_add(ret, data, (size_t)got);
	return 1;
}

static void dir_free(struct ohc_files *f)
{
	struct dir_files *d = OHC_CONTAINER_OF(f, struct dir_files, files);

	tdestroy(d->elfs, free_known);
	close(d->fd);
	free(d->name);
	free(d);
}

int ohc_files_dir(const char *dir, struct ohc_files **ret, struct ohc_error *err)
{
	static const struct ohc_files_ops ops = { .find = dir_find,
						  .walk = dir_walk,
						  .elf = dir_elf,
						  .read = dir_read,
						  .free = dir_free };
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct dir_files *d;

	if (fd < 0)
		return ohc_error_sys(err, "cannot open the directory '%s'", dir);
	d = ohc_xcalloc(1, sizeof(*d));
	d->files.ops = &ops;
	d->fd = fd;
	d->name = ohc_xstrdup(strcmp(dir, "/") == 0 ? "" : dir);
	*ret = &d->files;
	return 0;
}
