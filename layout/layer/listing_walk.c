// SPDX-License-Identifier: Apache-2.0
/*
 * Walks a directory for its listing.  The directories at the top are read first, level by level,
 * until there are parts enough for all processors; then each part is walked to its end by one of
 * them.  Parts stay in the order of the whole walk.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/dir_names.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "core/stamp.h"
#include "layout/layer/hardlinks.h"
#include "layout/layer/listing.h"

/* So many parts for each processor that one which is large does not keep the others waiting. */
#define PARTS_EACH 16
#define LEVELS_MAX 8
/* More of them wait for the kernel's locks, and not for one another's files. */
#define JOBS_MAX 8

/* So many bytes of entries are put where they stay at a time. */
#define SPAN (64u << 10)

struct listing_part {
	struct ohc_listing_span *spans; /* of its entries */
	size_t n_spans;
	char *dir; /* whose content is still to be listed, below the root; NULL: nothing is */
	size_t depth;
};

struct listing_parts {
	struct listing_part *v;
	size_t n, unlisted;
};

struct listing_whole {
	const char *root;
	int fd;
	struct listing_parts parts;
	time_t now;
	pthread_mutex_t lock; /* of what follows */
	struct ohc_sheets sheets;
	struct ohc_hardlinks inodes;
	uint64_t bytes;
	bool settled;
};

/* One processor's walk. */
struct listing_walk {
	struct listing_whole *whole;
	struct listing_part *part; /* that gets the entries */
	struct ohc_buf entries;    /* that it does not have yet */
	struct ohc_buf path;       /* on this machine */
	size_t depth;
	uint64_t bytes;
	bool settled;
};

static bool is_new(struct listing_whole *all, const char *path, const struct stat *st)
{
	bool is;

	if (st->st_nlink == 1)
		return true;
	pthread_mutex_lock(&all->lock);
	is = !ohc_hardlinks_add(&all->inodes, st->st_dev, st->st_ino, path);
	pthread_mutex_unlock(&all->lock);
	return is;
}

/* Gives the part what was listed. */
static void give(struct listing_walk *w)
{
	struct listing_part *p = w->part;
	const size_t n = w->entries.len;
	const void *data;

	if (n == 0)
		return;
	pthread_mutex_lock(&w->whole->lock);
	data = ohc_sheets_add(&w->whole->sheets, w->entries.data, n);
	pthread_mutex_unlock(&w->whole->lock);
	p->spans = ohc_xrealloc(p->spans, p->n_spans + 1, sizeof(*p->spans));
	p->spans[p->n_spans++] = (struct ohc_listing_span){ data, n };
	ohc_buf_truncate(&w->entries, 0);
}

static void add(struct listing_walk *w, const char *name, const struct stat *st)
{
	const struct ohc_stamp stamp = ohc_stamp_of(st);

	ohc_record_put_number(&w->entries, w->depth);
	ohc_record_put_bytes(&w->entries, name, strlen(name) + 1);
	ohc_fingerprint_put(&w->entries, st);
	if (w->entries.len > SPAN)
		give(w);
	w->settled &= ohc_stamp_is_settled(&stamp, w->whole->now);
	if (S_ISREG(st->st_mode) && is_new(w->whole, ohc_buf_str(&w->path), st))
		w->bytes += (uint64_t)st->st_size;
}

/* Called for a directory whose entry was just added; w->path is its own. */
typedef int (*dir_fn)(struct listing_walk *w, int fd, const char *name, struct ohc_error *err);

static int list_name(struct listing_walk *w, int fd, const char *name, dir_fn fn,
		     struct ohc_error *err)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ohc_error_sys(err, "cannot read '%s'", ohc_buf_str(&w->path));
	add(w, name, &st);
	return S_ISDIR(st.st_mode) ? fn(w, fd, name, err) : 0;
}

static int list_names(struct listing_walk *w, int fd, const struct ohc_dir_names *names, dir_fn fn,
		      struct ohc_error *err)
{
	size_t len = w->path.len;
	int rc = 0;

	w->depth++;
	for (size_t i = 0; rc == 0 && i < names->n; i++) {
		ohc_buf_addc(&w->path, '/');
		ohc_buf_adds(&w->path, names->v[i].name);
		rc = list_name(w, fd, names->v[i].name, fn, err);
		ohc_buf_truncate(&w->path, len);
	}
	w->depth--;
	return rc;
}

static int list_dir(struct listing_walk *w, int fd, const char *name, dir_fn fn,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	ohc_cleanup(ohc_closep) int dir =
		openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = ohc_interrupt_check(err);

	if (dir < 0)
		return ohc_error_sys(err, "cannot open '%s'", ohc_buf_str(&w->path));
	if (rc == 0)
		rc = ohc_dir_names_read(dir, ohc_buf_str(&w->path), &names, err);
	return rc < 0 ? rc : list_names(w, dir, &names, fn, err);
}

static int list_part(struct listing_whole *all, struct listing_part *part, dir_fn fn,
		     struct ohc_error *err)
{
	struct listing_walk w = {
		.whole = all, .part = part, .depth = part->depth, .settled = true
	};
	int rc;

	ohc_buf_addf(&w.path, "%s%s%s", all->root, *part->dir ? "/" : "", part->dir);
	rc = list_dir(&w, all->fd, *part->dir ? part->dir : ".", fn, err);
	give(&w);
	ohc_buf_clear(&w.path);
	ohc_buf_clear(&w.entries);
	pthread_mutex_lock(&all->lock);
	all->bytes += w.bytes;
	all->settled &= w.settled;
	pthread_mutex_unlock(&all->lock);
	return rc;
}

/* --- parts --- */

static void add_part(struct listing_parts *parts, struct listing_part part)
{
	if ((parts->n & (parts->n + 1)) == 0)
		parts->v = ohc_xrealloc(parts->v, 2 * (parts->n + 1), sizeof(*parts->v));
	parts->v[parts->n++] = part;
	parts->unlisted += part.dir != NULL;
}

static void parts_clear(struct listing_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		free(parts->v[i].spans);
		free(parts->v[i].dir);
	}
	free(parts->v);
	*parts = (struct listing_parts){ .v = NULL };
}

/* Adds what was listed of a part as one of its own. */
static void add_listed(struct listing_parts *parts, struct listing_part *part)
{
	struct listing_part listed = { .spans = ohc_take(part->spans), .n_spans = part->n_spans };

	part->n_spans = 0;
	if (listed.n_spans)
		add_part(parts, listed);
}

/* Makes a directory a part of its own, behind the entries up to it. */
static int make_part(struct listing_walk *w, int fd, const char *name, struct ohc_error *err)
{
	const char *below = ohc_buf_str(&w->path) + strlen(w->whole->root) + 1;

	(void)fd;
	(void)name;
	(void)err;
	give(w);
	add_listed(&w->whole->parts, w->part);
	add_part(&w->whole->parts,
		 (struct listing_part){ .dir = ohc_xstrdup(below), .depth = w->depth });
	return 0;
}

/* Puts in the place of each unlisted part its entries and its directories. */
static int split(struct listing_whole *all, struct ohc_error *err)
{
	ohc_cleanup(parts_clear) struct listing_parts old = all->parts;
	int rc = 0;

	all->parts = (struct listing_parts){ .v = NULL };
	for (size_t i = 0; rc == 0 && i < old.n; i++) {
		if (old.v[i].dir)
			rc = list_part(all, &old.v[i], make_part, err);
		add_listed(&all->parts, &old.v[i]);
	}
	return rc;
}

static int list_below(struct listing_walk *w, int fd, const char *name, struct ohc_error *err)
{
	return list_dir(w, fd, name, list_below, err);
}

static int finish(void *ctx, size_t i, struct ohc_error *err)
{
	struct listing_whole *all = ctx;
	struct listing_part *part = &all->parts.v[i];

	return part->dir ? list_part(all, part, list_below, err) : 0;
}

static int list_whole(struct listing_whole *all, struct ohc_error *err)
{
	const size_t jobs = ohc_parallel_jobs(JOBS_MAX);
	int rc = 0;

	for (int i = 0; rc == 0 && i < LEVELS_MAX; i++)
		if (all->parts.unlisted && all->parts.unlisted < jobs * PARTS_EACH)
			rc = split(all, err);
	return rc < 0 ? rc : ohc_parallel(all->parts.n, jobs, finish, all, err);
}

static void take_spans(const struct listing_parts *parts, struct ohc_listing *ret)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *hash = ohc_hash_new(OHC_SHA256);
	size_t n = 0;

	for (size_t i = 0; i < parts->n; i++)
		n += parts->v[i].n_spans;
	ret->spans = ohc_xcalloc(n, sizeof(*ret->spans));
	for (size_t i = 0; i < parts->n; i++)
		for (size_t k = 0; k < parts->v[i].n_spans; k++) {
			const struct ohc_listing_span *span = &parts->v[i].spans[k];

			ohc_hash_update(hash, span->data, span->n);
			ret->spans[ret->n_spans++] = *span;
		}
	ohc_digest_end(hash, OHC_SHA256, ret->fingerprint);
}

static void add_root(struct listing_whole *all, const struct stat *st)
{
	struct listing_part root = { .dir = NULL };
	struct listing_walk w = { .whole = all, .part = &root, .settled = true };

	add(&w, "", st);
	give(&w);
	ohc_buf_clear(&w.entries);
	all->settled = w.settled;
	add_part(&all->parts, root);
	add_part(&all->parts, (struct listing_part){ .dir = ohc_xstrdup("") });
}

int ohc_listing_read(const char *dir, struct ohc_listing *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing_whole all = {
		.root = dir, .fd = fd, .now = time(NULL), .lock = PTHREAD_MUTEX_INITIALIZER
	};
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload directory '%s'", dir);
	add_root(&all, &st);
	rc = list_whole(&all, err);
	if (rc == 0) {
		*ret = (struct ohc_listing){ .sheets = all.sheets,
					     .bytes = all.bytes,
					     .settled = all.settled };
		all.sheets = (struct ohc_sheets)OHC_SHEETS_INIT;
		take_spans(&all.parts, ret);
	}
	ohc_sheets_clear(&all.sheets);
	parts_clear(&all.parts);
	ohc_hardlinks_clear(&all.inodes);
	pthread_mutex_destroy(&all.lock);
	return rc;
}
