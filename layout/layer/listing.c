// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/listing.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/dir_names.h"
#include "core/interrupt.h"
#include "layout/layer/hardlinks.h"

struct listing_walk {
	struct ohc_buf *entries;
	struct ohc_hardlinks inodes;
	uint64_t bytes;
	struct ohc_fingerprint print;
	struct ohc_buf path; /* on this machine; that below the directory starts at root */
	size_t root, depth;
};

/* --- writing --- */

static void put_time(struct ohc_buf *b, const struct timespec *t)
{
	ohc_record_put_number(b, (uint64_t)t->tv_sec);
	ohc_record_put_number(b, (uint64_t)t->tv_nsec);
}

static bool is_new(struct listing_walk *w, const struct stat *st)
{
	return st->st_nlink == 1 ||
	       !ohc_hardlinks_add(&w->inodes, st->st_dev, st->st_ino, ohc_buf_str(&w->path));
}

static void add(struct listing_walk *w, const char *name, const struct stat *st)
{
	struct ohc_buf *b = w->entries;

	ohc_record_put_number(b, w->depth);
	ohc_record_put_bytes(b, name, strlen(name) + 1);
	ohc_record_put_number(b, st->st_dev);
	ohc_record_put_number(b, st->st_ino);
	ohc_record_put_number(b, st->st_mode);
	ohc_record_put_number(b, st->st_nlink);
	ohc_record_put_number(b, st->st_rdev);
	ohc_record_put_number(b, (uint64_t)st->st_size);
	put_time(b, &st->st_mtim);
	put_time(b, &st->st_ctim);
	ohc_fingerprint_add(&w->print, ohc_buf_str(&w->path) + w->root, st);
	if (S_ISREG(st->st_mode) && is_new(w, st))
		w->bytes += (uint64_t)st->st_size;
}

static int walk_dir(struct listing_walk *w, int fd, struct ohc_error *err);

static int walk_name(struct listing_walk *w, int fd, const char *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int child = -1;
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ohc_error_sys(err, "cannot read '%s'", ohc_buf_str(&w->path));
	add(w, name, &st);
	if (!S_ISDIR(st.st_mode))
		return 0;
	child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return ohc_error_sys(err, "cannot open '%s'", ohc_buf_str(&w->path));
	return walk_dir(w, child, err);
}

static int walk_dir(struct listing_walk *w, int fd, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	size_t len = w->path.len;
	int rc = ohc_interrupt_check(err);

	if (rc == 0)
		rc = ohc_dir_names_read(fd, ohc_buf_str(&w->path), &names, err);
	w->depth++;
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		ohc_buf_addf(&w->path, "/%s", names.v[i].name);
		rc = walk_name(w, fd, names.v[i].name, err);
		ohc_buf_truncate(&w->path, len);
	}
	w->depth--;
	return rc;
}

int ohc_listing_read(const char *dir, struct ohc_listing *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = { .settled = false };
	ohc_cleanup(ohc_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing_walk w = { .entries = &list.entries };
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload directory '%s'", dir);
	ohc_fingerprint_start(&w.print);
	ohc_buf_adds(&w.path, dir);
	w.root = w.path.len;
	add(&w, "", &st);
	rc = walk_dir(&w, fd, err);
	ohc_buf_clear(&w.path);
	ohc_hardlinks_clear(&w.inodes);
	list.bytes = w.bytes;
	ohc_fingerprint_end(&w.print, list.fingerprint, &list.settled);
	if (rc < 0)
		return rc;
	*ret = list;
	memset(&list, 0, sizeof(list));
	return 0;
}

void ohc_listing_clear(struct ohc_listing *list)
{
	ohc_buf_clear(&list->entries);
	memset(list, 0, sizeof(*list));
}

/* --- reading --- */

static struct timespec get_time(struct ohc_record_reader *in)
{
	struct timespec t;

	t.tv_sec = (time_t)ohc_record_get_number(in);
	t.tv_nsec = (long)ohc_record_get_number(in);
	return t;
}

void ohc_listing_start(struct ohc_listing_iter *it, const struct ohc_listing *list)
{
	*it = (struct ohc_listing_iter){ .in = ohc_record_read(ohc_buf_str(&list->entries),
							       list->entries.len) };
}

/* The path of what lies in the directory at depth - 1 that was given last. */
static void set_path(struct ohc_listing_iter *it, size_t depth, const char *name)
{
	for (; it->depth >= depth && it->depth > 0; it->depth--) {
		const char *slash = strrchr(it->path.data, '/');

		ohc_buf_truncate(&it->path, slash ? (size_t)(slash - it->path.data) : 0);
	}
	ohc_buf_addf(&it->path, "%s%s", it->path.len ? "/" : "", name);
	it->depth = depth;
}

bool ohc_listing_next(struct ohc_listing_iter *it, struct ohc_listing_entry *ret)
{
	struct ohc_record_reader *in = &it->in;
	size_t n;

	if (in->p == in->end)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->depth = ohc_record_get_number(in);
	ret->name = ohc_record_get_bytes(in, SIZE_MAX, &n);
	ret->st.st_dev = ohc_record_get_number(in);
	ret->st.st_ino = ohc_record_get_number(in);
	ret->st.st_mode = (mode_t)ohc_record_get_number(in);
	ret->st.st_nlink = ohc_record_get_number(in);
	ret->st.st_rdev = ohc_record_get_number(in);
	ret->st.st_size = (off_t)ohc_record_get_number(in);
	ret->st.st_mtim = get_time(in);
	ret->st.st_ctim = get_time(in);
	set_path(it, ret->depth, ret->name);
	ret->path = ohc_buf_str(&it->path);
	return true;
}

void ohc_listing_end(struct ohc_listing_iter *it)
{
	ohc_buf_clear(&it->path);
	memset(it, 0, sizeof(*it));
}
