// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/from_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/path.h"
#include "core/stamp.h"
#include "layout/layer/hardlinks.h"
#include "layout/layer/pyc.h"
#include "core/dir_names.h"
#include "layout/layer/xattrs.h"

#define PIECE (256 * 1024)

/* One walk.  name is the path in the tar, disk the one on this machine; both grow and shrink. */
struct walk {
	struct ohc_from_dir *tree;
	struct ohc_tar_writer *w;
	struct ohc_buf name, disk;
	struct ohc_hardlinks inodes;
	struct ohc_xattrs xattrs;
	unsigned char *piece;
};

static int walk_dir(struct walk *k, int fd, const struct stat *st, struct ohc_error *err);

static int64_t time_of(const struct ohc_from_dir *t, int64_t mtime)
{
	return ohc_mtime_of(t->mtime, t->time, mtime);
}

static int changed(struct walk *k, struct ohc_error *err)
{
	return ohc_stamp_changed(err, "'%s'", ohc_buf_str(&k->disk));
}

/* 0 where what was opened is still as it was when it was looked at. */
static int check_unchanged(struct walk *k, int fd, const struct stat *before, struct ohc_error *err)
{
	struct ohc_stamp was = ohc_stamp_of(before), is;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return changed(k, err);
	is = ohc_stamp_of(&st);
	return ohc_stamp_same(&was, &is) ? 0 : changed(k, err);
}

static struct ohc_tar_entry entry_of(struct walk *k, const struct stat *st)
{
	struct ohc_tar_entry e = {
		.path = ohc_buf_str(&k->name),
		.mode = st->st_mode,
		.uid = k->tree->uid,
		.gid = k->tree->gid,
		.mtime = time_of(k->tree, st->st_mtim.tv_sec),
	};

	return e;
}

/* path is the source's in the tar. */
static bool find_source(void *ctx, const char *path, int64_t *ret_mtime, uint64_t *ret_size)
{
	const struct walk *k = ctx;
	const char *below = ohc_path_below(path, k->tree->prefix + 1);
	ohc_cleanup(ohc_freep) char *disk =
		below ? ohc_xasprintf("%s/%s", k->tree->dir, below) : NULL;
	struct stat st;

	if (!disk || stat(disk, &st) < 0)
		return false;
	*ret_mtime = st.st_mtim.tv_sec;
	*ret_size = (uint64_t)st.st_size;
	return true;
}

static void retime_bytecode(struct walk *k, size_t n)
{
	const struct ohc_pyc_tree tree = { k->tree->mtime, k->tree->time, find_source, k };

	ohc_pyc_retime(&tree, ohc_buf_str(&k->name), k->piece, n);
}

static int copy_data(struct walk *k, int fd, int64_t size, struct ohc_error *err)
{
	int64_t left = size;

	while (left > 0) {
		size_t want = left < PIECE ? (size_t)left : PIECE, have = 0;
		ssize_t n = 1;
		int rc = ohc_interrupt_check(err);

		while (rc == 0 && have < want && n != 0) {
			n = read(fd, k->piece + have, want - have);
			if (n < 0 && errno != EINTR)
				return ohc_error_sys(err, "cannot read '%s'",
						     ohc_buf_str(&k->disk));
			have += n > 0 ? (size_t)n : 0;
		}
		if (rc == 0 && have < want)
			return changed(k, err);
		if (rc == 0 && left == size)
			retime_bytecode(k, have);
		if (rc == 0)
			rc = ohc_tar_write_data(k->w, k->piece, have, err);
		if (rc < 0)
			return rc;
		left -= (int64_t)have;
		k->tree->bytes += have;
		ohc_task_advance(k->tree->task, have);
	}
	return 0;
}

static int add_file(struct walk *k, int fd, const struct stat *st, struct ohc_error *err)
{
	struct ohc_tar_entry e = entry_of(k, st);
	int rc;

	if (st->st_nlink > 1) {
		e.link = ohc_hardlinks_add(&k->inodes, st->st_dev, st->st_ino, e.path);
		e.hardlink = e.link != NULL;
	}
	if (e.hardlink)
		return ohc_tar_write_header(k->w, &e, err);
	rc = ohc_xattrs_read(fd, ohc_buf_str(&k->disk), &k->xattrs, err);
	if (rc < 0)
		return rc;
	e.xattrs = k->xattrs.v;
	e.n_xattrs = k->xattrs.n;
	e.size = st->st_size;
	rc = ohc_tar_write_header(k->w, &e, err);
	if (rc == 0)
		rc = copy_data(k, fd, st->st_size, err);
	if (rc == 0)
		rc = check_unchanged(k, fd, st, err);
	k->tree->files += rc == 0;
	return rc;
}

static int add_symlink(struct walk *k, int dir, const char *name, const struct stat *st,
		       struct ohc_error *err)
{
	struct ohc_tar_entry e = entry_of(k, st);
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		return ohc_error_sys(err, "cannot read the link '%s'", ohc_buf_str(&k->disk));
	if ((size_t)n == sizeof(target))
		return ohc_error_set(err, OHC_E_FAILED, "the target of the link '%s' is too long",
				     ohc_buf_str(&k->disk));
	target[n] = '\0';
	e.link = target;
	e.mode = S_IFLNK | 0777; /* it means nothing, and file systems differ */
	return ohc_tar_write_header(k->w, &e, err);
}

static int add_special(struct walk *k, const struct stat *st, struct ohc_error *err)
{
	struct ohc_tar_entry e = entry_of(k, st);

	if (S_ISSOCK(st->st_mode)) {
		ohc_say(k->tree->report, OHC_WARNING, "socket '%s' is left out",
			ohc_buf_str(&k->disk));
		return 0;
	}
	e.dev_major = major(st->st_rdev);
	e.dev_minor = minor(st->st_rdev);
	return ohc_tar_write_header(k->w, &e, err);
}

/* Files and directories are opened first and looked at then, so that what is described is what is
 * read; O_NONBLOCK, lest a FIFO that took a file's place blocks. */
static int add_opened(struct walk *k, int dir, const char *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open '%s'", ohc_buf_str(&k->disk));
	if (S_ISDIR(st.st_mode))
		return walk_dir(k, fd, &st, err);
	if (S_ISREG(st.st_mode))
		return add_file(k, fd, &st, err);
	return changed(k, err);
}

static int add_name(struct walk *k, int dir, const char *name, struct ohc_error *err)
{
	struct stat st;

	if (strncmp(name, ".wh.", 4) == 0)
		return ohc_error_set(
			err, OHC_E_FAILED,
			"'%s' cannot be in a layer: names with .wh. in front mean that "
			"something is deleted",
			ohc_buf_str(&k->disk));
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ohc_error_sys(err, "cannot read '%s'", ohc_buf_str(&k->disk));
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return add_opened(k, dir, name, err);
	if (S_ISLNK(st.st_mode))
		return add_symlink(k, dir, name, &st, err);
	return add_special(k, &st, err);
}

static int walk_dir(struct walk *k, int fd, const struct stat *st, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	size_t name_len = k->name.len, disk_len = k->disk.len;
	struct ohc_tar_entry e = entry_of(k, st);
	int rc = ohc_interrupt_check(err);

	if (rc == 0)
		rc = ohc_xattrs_read(fd, ohc_buf_str(&k->disk), &k->xattrs, err);
	e.xattrs = k->xattrs.v;
	e.n_xattrs = k->xattrs.n;
	if (rc == 0)
		rc = ohc_tar_write_header(k->w, &e, err);
	if (rc == 0)
		rc = ohc_dir_names_read(fd, ohc_buf_str(&k->disk), &names, err);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		ohc_buf_addf(&k->name, "/%s", names.v[i].name);
		ohc_buf_addf(&k->disk, "/%s", names.v[i].name);
		rc = add_name(k, fd, names.v[i].name, err);
		ohc_buf_truncate(&k->name, name_len);
		ohc_buf_truncate(&k->disk, disk_len);
	}
	return rc < 0 ? rc : check_unchanged(k, fd, st, err);
}

int ohc_from_dir_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err)
{
	struct ohc_from_dir *t = ctx;
	struct walk k = { .tree = t, .w = w };
	ohc_cleanup(ohc_closep) int fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload directory '%s'", t->dir);
	t->files = t->bytes = 0;
	k.piece = ohc_xmalloc(PIECE);
	ohc_buf_adds(&k.name, t->prefix + 1);
	ohc_buf_adds(&k.disk, t->dir);
	rc = walk_dir(&k, fd, &st, err);
	ohc_buf_clear(&k.name);
	ohc_buf_clear(&k.disk);
	ohc_hardlinks_clear(&k.inodes);
	ohc_xattrs_clear(&k.xattrs);
	free(k.piece);
	return rc;
}
