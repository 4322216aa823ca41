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
#include "layout/layer/prefetch.h"
#include "layout/layer/pyc.h"
#include "layout/layer/xattrs.h"

#define PIECE (256 * 1024)
/* A smaller piece is not divided: a file's first bytes are looked at. */
#define PART_MIN 4096

/* A directory whose entries are being written. */
struct level {
	int fd;
	struct stat st;            /* when it was opened */
	size_t name_len, disk_len; /* of its own path */
};

/* One walk over the listing.  name is the path in the tar, disk the one on this machine; both grow
 * and shrink. */
struct from_dir_walk {
	struct ohc_from_dir *tree;
	struct ohc_tar_writer *w;
	struct ohc_buf name, disk;
	struct level *levels; /* the directories on the way to the entry */
	size_t n_levels;
	struct ohc_hardlinks inodes;
	struct ohc_xattrs xattrs;
	struct ohc_prefetch *prefetch;
	unsigned char *piece;
};

static int64_t time_of(const struct ohc_from_dir *t, int64_t mtime)
{
	return ohc_mtime_of(t->mtime, t->time, mtime);
}

static int changed(struct from_dir_walk *k, struct ohc_error *err)
{
	return ohc_stamp_changed(err, "'%s'", ohc_buf_str(&k->disk));
}

/* Returns 0 where the file is still as it was when it was opened. */
static int check_unchanged(struct from_dir_walk *k, int fd, const struct stat *before,
			   struct ohc_error *err)
{
	struct ohc_stamp was = ohc_stamp_of(before), is;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return changed(k, err);
	is = ohc_stamp_of(&st);
	return ohc_stamp_same(&was, &is) ? 0 : changed(k, err);
}

static struct ohc_tar_entry entry_of(struct from_dir_walk *k, const struct stat *st)
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
	const struct from_dir_walk *k = ctx;
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

static void retime_bytecode(struct from_dir_walk *k, unsigned char *head, size_t n)
{
	const struct ohc_pyc_tree tree = { k->tree->mtime, k->tree->time, find_source, k };

	ohc_pyc_retime(&tree, ohc_buf_str(&k->name), head, n);
}

/* Where the next *n bytes are read to: where the layer wants them, if need be fewer. */
static unsigned char *place_for(struct from_dir_walk *k, size_t *n)
{
	size_t room;
	unsigned char *in_place = ohc_tar_room(k->w, &room);

	if (!in_place || (room < *n && room < PART_MIN))
		return k->piece;
	*n = room < *n ? room : *n;
	return in_place;
}

static int copy_data(struct from_dir_walk *k, int fd, int64_t size, struct ohc_error *err)
{
	int64_t left = size;

	while (left > 0) {
		size_t want = left < PIECE ? (size_t)left : PIECE, have = 0;
		unsigned char *piece = place_for(k, &want);
		ssize_t n = 1;
		int rc = ohc_interrupt_check(err);

		if (left == size)
			ohc_prefetch_read_begins(k->prefetch);
		while (rc == 0 && have < want && n != 0) {
			n = read(fd, piece + have, want - have);
			if (n < 0 && errno != EINTR)
				return ohc_error_sys(err, "cannot read '%s'",
						     ohc_buf_str(&k->disk));
			have += n > 0 ? (size_t)n : 0;
		}
		if (left == size)
			ohc_prefetch_read_ends(k->prefetch);
		if (rc == 0 && have < want)
			return changed(k, err);
		if (rc == 0 && left == size)
			retime_bytecode(k, piece, have);
		if (rc == 0)
			rc = ohc_tar_write_data(k->w, piece, have, err);
		if (rc < 0)
			return rc;
		left -= (int64_t)have;
		k->tree->bytes += have;
		ohc_task_advance(k->tree->task, have);
	}
	return 0;
}

static int add_file(struct from_dir_walk *k, int fd, const struct stat *st, struct ohc_error *err)
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

static int add_symlink(struct from_dir_walk *k, int dir, const char *name, const struct stat *st,
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
	e.mode = S_IFLNK | 0777; /* a directory's size means nothing, and file systems differ */
	return ohc_tar_write_header(k->w, &e, err);
}

static int add_special(struct from_dir_walk *k, const struct stat *st, struct ohc_error *err)
{
	struct ohc_tar_entry e = entry_of(k, st);

	if (S_ISSOCK(st->st_mode)) {
		ohc_report_say(k->tree->report, OHC_WARNING, "socket '%s' is left out",
			       ohc_buf_str(&k->disk));
		return 0;
	}
	e.dev_major = major(st->st_rdev);
	e.dev_minor = minor(st->st_rdev);
	return ohc_tar_write_header(k->w, &e, err);
}

/* --- the way through the listing --- */

static int write_dir(struct from_dir_walk *k, int fd, const struct stat *st, struct ohc_error *err)
{
	struct ohc_tar_entry e = entry_of(k, st);
	int rc = ohc_interrupt_check(err);

	if (rc == 0)
		rc = ohc_xattrs_read(fd, ohc_buf_str(&k->disk), &k->xattrs, err);
	e.xattrs = k->xattrs.v;
	e.n_xattrs = k->xattrs.n;
	return rc < 0 ? rc : ohc_tar_write_header(k->w, &e, err);
}

/* Enters a directory and takes *fd.  The next entries of the listing lie in it, or beside it. */
static int enter(struct from_dir_walk *k, int *fd, const struct stat *st, struct ohc_error *err)
{
	struct level l = { *fd, *st, k->name.len, k->disk.len };

	*fd = -1;
	k->levels = ohc_xrealloc(k->levels, k->n_levels + 1, sizeof(*k->levels));
	k->levels[k->n_levels++] = l;
	return write_dir(k, l.fd, st, err);
}

/* Leaves directories until the innermost is the one at depth - 1. */
static int leave(struct from_dir_walk *k, size_t depth, struct ohc_error *err)
{
	int rc = 0;

	while (rc == 0 && k->n_levels > depth) {
		struct level *l = &k->levels[k->n_levels - 1];

		ohc_buf_truncate(&k->name, l->name_len);
		ohc_buf_truncate(&k->disk, l->disk_len);
		rc = check_unchanged(k, l->fd, &l->st, err);
		close(l->fd);
		k->n_levels--;
	}
	if (k->n_levels > 0) {
		ohc_buf_truncate(&k->name, k->levels[k->n_levels - 1].name_len);
		ohc_buf_truncate(&k->disk, k->levels[k->n_levels - 1].disk_len);
	}
	return rc;
}

/* Opens a file or directory; O_NONBLOCK, so that a FIFO that has replaced a file does not block.  A
 * file must be the one that was listed, which is looked at behind its last byte; a directory may
 * have new entries, which are not part of the layer. */
static int add_opened(struct from_dir_walk *k, int dir, const struct ohc_listing_entry *listed,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = openat(
		dir, listed->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", ohc_buf_str(&k->disk));
	if (S_ISREG(listed->st.st_mode))
		return add_file(k, fd, &listed->st, err);
	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot look at '%s'", ohc_buf_str(&k->disk));
	return S_ISDIR(st.st_mode) ? enter(k, &fd, &st, err) : changed(k, err);
}

static int add_listed(struct from_dir_walk *k, const struct ohc_listing_entry *listed,
		      struct ohc_error *err)
{
	const struct stat *st = &listed->st;
	int dir = k->levels[k->n_levels - 1].fd;

	ohc_buf_addc(&k->name, '/');
	ohc_buf_adds(&k->name, listed->name);
	ohc_buf_addc(&k->disk, '/');
	ohc_buf_adds(&k->disk, listed->name);
	if (ohc_path_has_whiteout(listed->name))
		return ohc_error_set(err, OHC_E_FAILED,
				     "'%s' cannot be put there: " OHC_PATH_WHITEOUT_RULE,
				     ohc_buf_str(&k->disk));
	if (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))
		return add_opened(k, dir, listed, err);
	if (S_ISLNK(st->st_mode))
		return add_symlink(k, dir, listed->name, st, err);
	return add_special(k, st, err);
}

static int add_root(struct from_dir_walk *k, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(k->tree->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload directory '%s'", k->tree->dir);
	return enter(k, &fd, &st, err);
}

static int walk(struct from_dir_walk *k, const struct ohc_listing *list, struct ohc_error *err)
{
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	int rc = add_root(k, err);

	ohc_listing_start(&it, list);
	ohc_listing_next(&it, &e); /* the directory itself */
	ohc_prefetch_pass(k->prefetch);
	while (rc == 0 && ohc_listing_next(&it, &e)) {
		ohc_prefetch_pass(k->prefetch);
		rc = leave(k, e.depth, err);
		if (rc == 0)
			rc = add_listed(k, &e, err);
	}
	ohc_listing_end(&it);
	return rc < 0 ? rc : leave(k, 0, err);
}

static void walk_clear(struct from_dir_walk *k)
{
	while (k->n_levels > 0)
		close(k->levels[--k->n_levels].fd);
	free(k->levels);
	ohc_prefetch_free(k->prefetch);
	ohc_buf_clear(&k->name);
	ohc_buf_clear(&k->disk);
	ohc_hardlinks_clear(&k->inodes);
	ohc_xattrs_clear(&k->xattrs);
	free(k->piece);
}

int ohc_from_dir_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err)
{
	struct ohc_from_dir *t = ctx;
	ohc_cleanup(ohc_listing_clear) struct ohc_listing own = { .settled = false };
	ohc_cleanup(walk_clear) struct from_dir_walk k = { .tree = t, .w = w };
	const struct ohc_listing *list = t->listing ? t->listing : &own;
	int rc = t->listing ? 0 : ohc_listing_read(t->dir, &own, err);

	if (rc < 0)
		return rc;
	t->files = t->bytes = 0;
	k.prefetch = ohc_prefetch_new(t->dir, list, NULL, NULL);
	k.piece = ohc_xmalloc(PIECE);
	ohc_buf_adds(&k.name, t->prefix + 1);
	ohc_buf_adds(&k.disk, t->dir);
	return walk(&k, list, err);
}
