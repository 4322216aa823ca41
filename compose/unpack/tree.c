// SPDX-License-Identifier: Apache-2.0
/*
 * The tree is made beside its place under another name, and renamed when it is whole.  Each path is
 * opened component by component with O_NOFOLLOW: a symlink of an earlier entry leads nowhere.
 */
#include "compose/unpack/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/unpack/tree_dirs.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"
#include "core/path.h"
#include "core/remove.h"
#include "oci/tar/tar.h"

#define PIECE (256 * 1024)

struct ohc_tree {
	char *dir, *made; /* made: its name until it is whole; NULL: it is */
	char *prefix;
	int fd;
	uint64_t entries, bytes;
	struct ohc_tree_dirs dirs;
};

/* ---- the way to an entry ---- */

static int refuse(const char *what, const char *path, const char *why, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: entry '%.200s' %s", what, path, why);
}

/* The directory that an entry stands in; the caller closes it.  Missing ones are made. */
static int open_parent(struct ohc_tree *t, const char *what, const char *path, int *ret,
		       struct ohc_error *err)
{
	const char *rest = path, *name = ohc_path_name(path);
	struct ohc_path_part part;
	int fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);

	while (fd >= 0 && ohc_path_next(&rest, &part) && part.name != name) {
		ohc_cleanup(ohc_freep) char *dir = ohc_xstrndup(part.name, part.n);
		int next;

		if (mkdirat(fd, dir, 0755) < 0 && errno != EEXIST) {
			close(fd);
			return ohc_error_sys(err, "cannot make '%s' in '%s'", path, t->dir);
		}
		next = openat(fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		if (next < 0 && (errno == ELOOP || errno == ENOTDIR))
			return refuse(what, path, "goes through what is no directory", err);
		fd = next;
	}
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s' in '%s'", path, t->dir);
	*ret = fd;
	return 0;
}

/* Removes what an earlier entry left there, unless it is a directory. */
static int make_room(int parent, const char *what, const char *path, struct ohc_error *err)
{
	if (unlinkat(parent, ohc_path_name(path), 0) == 0 || errno == ENOENT)
		return 0;
	return refuse(what, path, "takes the place of a directory", err);
}

/* ---- entries ---- */

static void keep_dir(struct ohc_tree *t, const char *path, const struct ohc_tar_entry *e)
{
	ohc_tree_dirs_add(&t->dirs, path, e->mode & 0777, e->mtime);
}

static int add_dir(struct ohc_tree *t, int parent, const char *what, const char *path,
		   const struct ohc_tar_entry *e, struct ohc_error *err)
{
	struct stat st;

	if (mkdirat(parent, ohc_path_name(path), 0700) < 0 &&
	    (errno != EEXIST ||
	     fstatat(parent, ohc_path_name(path), &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	     !S_ISDIR(st.st_mode)))
		return refuse(what, path, "is a directory where something else is", err);
	keep_dir(t, path, e);
	return 0;
}

static int write_data(struct ohc_tree *t, int fd, const char *path, struct ohc_tar_reader *r,
		      const struct ohc_tree_limits *limits, struct ohc_task *task,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = ohc_tar_read(r, piece, PIECE, err)) != 0) {
		if (n < 0)
			return (int)n;
		t->bytes += (uint64_t)n;
		if (t->bytes > limits->bytes)
			return ohc_error_set(
				err, OHC_E_FORMAT,
				"more than %llu bytes are in it: --max-layer-size lets "
				"more pass",
				(unsigned long long)limits->bytes);
		rc = ohc_file_write_full(fd, piece, (size_t)n, path, err);
		ohc_task_advance(task, (uint64_t)n);
	}
	return rc;
}

static void set_times(int fd, int64_t mtime)
{
	const struct timespec times[] = { { .tv_sec = mtime }, { .tv_sec = mtime } };

	futimens(fd, times);
}

static int add_file(struct ohc_tree *t, int parent, const char *what, const char *path,
		    const struct ohc_tar_entry *e, struct ohc_tar_reader *r,
		    const struct ohc_tree_limits *limits, struct ohc_task *task,
		    struct ohc_error *err)
{
	int fd, rc = make_room(parent, what, path, err);

	if (rc < 0)
		return rc;
	fd = openat(parent, ohc_path_name(path),
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return ohc_error_sys(err, "cannot make '%s' in '%s'", path, t->dir);
	rc = write_data(t, fd, path, r, limits, task, err);
	if (rc == 0 && fchmod(fd, e->mode & 0777) < 0)
		rc = ohc_error_sys(err, "cannot set the permissions of '%s'", path);
	set_times(fd, e->mtime);
	if (close(fd) < 0 && rc == 0)
		rc = ohc_error_sys(err, "cannot write '%s'", path);
	return rc;
}

static int add_symlink(struct ohc_tree *t, int parent, const char *what, const char *path,
		       const struct ohc_tar_entry *e, struct ohc_error *err)
{
	const struct timespec times[] = { { .tv_sec = e->mtime }, { .tv_sec = e->mtime } };
	int rc = make_room(parent, what, path, err);

	if (rc < 0)
		return rc;
	if (symlinkat(e->link, parent, ohc_path_name(path)) < 0)
		return ohc_error_sys(err, "cannot make the symlink '%s' in '%s'", path, t->dir);
	utimensat(parent, ohc_path_name(path), times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

/* A path in the tar, seen from the image's root; the caller frees it. */
static char *absolute(const char *path)
{
	ohc_cleanup(ohc_freep) char *clean = ohc_path_clean(path);

	return ohc_xasprintf("%s%s", *clean == '/' ? "" : "/", clean);
}

/* The part of a path in the tar that lies below the prefix: "" is the prefix itself, NULL what lies
 * elsewhere. */
static char *below(const struct ohc_tree *t, const char *path)
{
	ohc_cleanup(ohc_freep) char *from_root = absolute(path);
	const char *rest;

	if (strcmp(from_root, t->prefix) == 0)
		return ohc_xstrdup("");
	rest = ohc_path_below(from_root, t->prefix);
	return rest && ohc_path_is_normal_below(rest) ? ohc_xstrdup(rest) : NULL;
}

static int add_hardlink(struct ohc_tree *t, int parent, const char *what, const char *path,
			const struct ohc_tar_entry *e, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *of = below(t, e->link);
	struct stat st;
	int from, rc;

	if (!of || !*of)
		return refuse(what, path, "is another name of what is not below the prefix", err);
	rc = open_parent(t, what, of, &from, err);
	if (rc < 0)
		return rc;
	if (fstatat(from, ohc_path_name(of), &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		rc = refuse(what, path, "is another name of what is not there", err);
	if (rc == 0 && strcmp(of, path) != 0)
		rc = make_room(parent, what, path, err);
	if (rc == 0 && strcmp(of, path) != 0 &&
	    linkat(from, ohc_path_name(of), parent, ohc_path_name(path), 0) < 0)
		rc = ohc_error_sys(err, "cannot link '%s' in '%s'", path, t->dir);
	close(from);
	return rc;
}

static int add_prefix(struct ohc_tree *t, const char *what, const struct ohc_tar_entry *e,
		      struct ohc_error *err)
{
	if (!S_ISDIR(e->mode) || e->hardlink)
		return refuse(what, e->path,
			      "is the prefix, and no directory: name the payload's directory with "
			      "--prefix",
			      err);
	keep_dir(t, "", e);
	return 0;
}

static int add_entry(struct ohc_tree *t, const char *what, const char *path,
		     const struct ohc_tar_entry *e, struct ohc_tar_reader *r,
		     const struct ohc_tree_limits *limits, struct ohc_task *task,
		     struct ohc_error *err)
{
	int parent, rc = open_parent(t, what, path, &parent, err);

	if (rc < 0)
		return rc;
	if (e->hardlink)
		rc = add_hardlink(t, parent, what, path, e, err);
	else if (S_ISDIR(e->mode))
		rc = add_dir(t, parent, what, path, e, err);
	else if (S_ISREG(e->mode))
		rc = add_file(t, parent, what, path, e, r, limits, task, err);
	else if (S_ISLNK(e->mode))
		rc = add_symlink(t, parent, what, path, e, err);
	else
		rc = refuse(what, path, "is a device, a socket or a pipe", err);
	close(parent);
	return rc;
}

/* Directories above the prefix are on the way, and not ours to make. */
static bool leads_there(const struct ohc_tree *t, const struct ohc_tar_entry *e)
{
	ohc_cleanup(ohc_freep) char *from_root = absolute(e->path);

	return S_ISDIR(e->mode) && !e->hardlink &&
	       (strcmp(from_root, "/") == 0 || ohc_path_below(t->prefix, from_root));
}

int ohc_tree_add(struct ohc_tree *t, struct ohc_source *tar, const char *what,
		 const struct ohc_tree_limits *limits, struct ohc_task *task, struct ohc_error *err)
{
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = ohc_tar_reader_new(tar, what);
	struct ohc_tar_entry e;
	int rc;

	while ((rc = ohc_tar_next(r, &e, err)) > 0) {
		ohc_cleanup(ohc_freep) char *path = below(t, e.path);

		if (++t->entries > limits->entries)
			return ohc_error_set(
				err, OHC_E_FORMAT,
				"more than %llu entries are in it: --max-layer-entries "
				"lets more pass",
				(unsigned long long)limits->entries);
		if (!path && leads_there(t, &e))
			continue;
		if (!path || ohc_path_has_whiteout(path))
			return refuse(what, e.path,
				      path ? "deletes something: a payload has nothing to delete"
					   : "lies outside the payload's prefix",
				      err);
		rc = *path ? add_entry(t, what, path, &e, r, limits, task, err)
			   : add_prefix(t, what, &e, err);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* ---- the whole ---- */

/* rename() takes the place of an empty directory. */
static bool has_room(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
		return errno == ENOENT;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n == 2; /* "." and ".." */
}

int ohc_tree_open(const char *dir, const char *prefix, struct ohc_tree **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_tree_closep) struct ohc_tree *t = ohc_xcalloc(1, sizeof(*t));
	ohc_cleanup(ohc_freep) char *clean = ohc_path_clean(dir), *parent = NULL;
	int rc;

	t->fd = -1;
	rc = ohc_link_follow(clean, &t->dir, err);
	if (rc < 0)
		return rc;
	parent = ohc_path_parent(t->dir);
	t->prefix = ohc_xstrdup(prefix);
	if (!has_room(t->dir))
		return ohc_error_set(err, OHC_E_USAGE,
				     "'%s' is there, and not an empty directory: name a new one",
				     dir);
	t->made = ohc_xasprintf("%s/.unpack.XXXXXX", parent);
	if (!mkdtemp(t->made)) {
		rc = ohc_error_sys(err, "cannot make a directory in '%s'", parent);
		free(ohc_take(t->made));
		return rc;
	}
	t->fd = open(t->made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", t->made);
	*ret = ohc_take(t);
	return 0;
}

int ohc_tree_finish(struct ohc_tree *t, struct ohc_error *err)
{
	int rc;

	fchmod(t->fd, 0755);
	rc = ohc_tree_dirs_set(&t->dirs, t->fd, err);
	if (rc < 0)
		return rc;
	if (rename(t->made, t->dir) < 0)
		return ohc_error_sys(err, "cannot name the directory '%s'", t->dir);
	free(ohc_take(t->made));
	return 0;
}

static void close_tree(struct ohc_tree *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	if (t->made)
		ohc_remove_tree(t->made);
	ohc_tree_dirs_clear(&t->dirs);
	free(t->dir);
	free(t->made);
	free(t->prefix);
	free(t);
}

void ohc_tree_closep(struct ohc_tree **t)
{
	close_tree(*t);
}

uint64_t ohc_tree_entries(const struct ohc_tree *t)
{
	return t->entries;
}

uint64_t ohc_tree_bytes(const struct ohc_tree *t)
{
	return t->bytes;
}
