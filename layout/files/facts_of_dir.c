// SPDX-License-Identifier: Apache-2.0
/*
 * The listing is gone through twice at the same time: one walk runs ahead and collects the next
 * files to look into, which all processors then do; the other adds the entries in their order.
 */
#include "layout/files/facts_of_dir.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "layout/files/facts.h"
#include "layout/files/facts_of_file.h"
#include "layout/layer/prefetch.h"

#define SMALL (64 * 1024)
/* Files that are collected before they are read: no more than what is asked for ahead of them. */
#define FILES (OHC_PREFETCH_FILES / 2)
/* Files that a processor takes at a time. */
#define BATCH 8
/* More of them wait for the kernel's locks. */
#define JOBS_MAX 8

/* A file to look into. */
struct facts_file {
	size_t entry; /* its number in the listing */
	char *path;   /* in the layer */
	size_t below; /* where in it the path below the directory begins */
	struct stat st;
	struct ohc_facts_of_file kept;
};

struct facts_walk {
	const char *dir;
	int fd;
	const char *prefix; /* without its '/' */
	uint32_t uid, gid;
	struct ohc_layer_index *index;
	struct ohc_prefetch *prefetch;
	struct facts_file files[FILES];
	size_t n_files;
	size_t collected, added; /* entries */
	struct ohc_buf path;     /* in the layer, of the entry at hand */
};

/* Sets the path in the layer, and returns where the one below the directory begins in it. */
static size_t set_path(struct facts_walk *w, const char *below)
{
	ohc_buf_truncate(&w->path, 0);
	ohc_buf_adds(&w->path, w->prefix);
	if (*w->prefix && *below)
		ohc_buf_addc(&w->path, '/');
	ohc_buf_adds(&w->path, below);
	return w->path.len - strlen(below);
}

/* Collects the next files.  False: no entry is left. */
static bool collect(struct facts_walk *w, struct ohc_listing_iter *it)
{
	const size_t before = w->collected;
	struct ohc_listing_entry e;

	for (; w->n_files < FILES && ohc_listing_next(it, &e); w->collected++) {
		size_t below = set_path(w, e.path);

		ohc_prefetch_pass(w->prefetch);
		if (S_ISREG(e.st.st_mode) && ohc_facts_of_file_wanted(ohc_buf_str(&w->path), &e.st))
			w->files[w->n_files++] =
				(struct facts_file){ .entry = w->collected,
						     .path = ohc_xstrdup(ohc_buf_str(&w->path)),
						     .below = below,
						     .st = e.st };
	}
	return w->collected > before;
}

static int read_file(const struct facts_walk *w, struct facts_file *f, struct ohc_error *err)
{
	const char *below = f->path + f->below;
	ohc_cleanup(ohc_closep) int fd =
		openat(w->fd, below, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s/%s'", w->dir, below);
	return ohc_facts_of_file(fd, f->path, &f->st, &f->kept, err);
}

static int read_batch(void *ctx, size_t i, struct ohc_error *err)
{
	struct facts_walk *w = ctx;
	const size_t end = (i + 1) * BATCH < w->n_files ? (i + 1) * BATCH : w->n_files;
	int rc = ohc_interrupt_check(err);

	for (size_t k = i * BATCH; rc == 0 && k < end; k++) {
		/* One batch tells whether reads wait. */
		if (i == 0)
			ohc_prefetch_read_begins(w->prefetch);
		rc = read_file(w, &w->files[k], err);
		if (i == 0)
			ohc_prefetch_read_ends(w->prefetch);
	}
	return rc;
}

/* Returns NULL where it is no symlink any more: what reads the directory next will say so. */
static char *read_link(const struct facts_walk *w, const char *below)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(w->fd, below, target, sizeof(target));

	return n < 0 || (size_t)n == sizeof(target) ? NULL : ohc_xstrndup(target, (size_t)n);
}

static void add(struct facts_walk *w, const struct ohc_listing_entry *listed,
		const struct facts_file *file)
{
	const mode_t mode = listed->st.st_mode;
	ohc_cleanup(ohc_freep) char *link = S_ISLNK(mode) ? read_link(w, listed->path) : NULL;
	struct ohc_layer_entry e = { .mode = mode,
				     .uid = w->uid,
				     .gid = w->gid,
				     .link = link,
				     .size = S_ISREG(mode) ? (uint64_t)listed->st.st_size : 0,
				     .mtime = listed->st.st_mtime };

	if (S_ISSOCK(mode) || (S_ISLNK(mode) && !link))
		return;
	set_path(w, listed->path);
	e.path = ohc_buf_str(&w->path);
	if (file && file->kept.data.len) {
		e.data = file->kept.data.data;
		e.n_data = file->kept.data.len;
	}
	if (file && file->kept.facts.len) {
		e.facts = file->kept.facts.data;
		e.n_facts = file->kept.facts.len;
	}
	ohc_layer_index_add(w->index, &e);
}

/* Adds the entries up to the last that was collected. */
static void add_collected(struct facts_walk *w, struct ohc_listing_iter *it)
{
	const struct facts_file *next = w->files, *end = w->files + w->n_files;
	struct ohc_listing_entry e;

	for (; w->added < w->collected && ohc_listing_next(it, &e); w->added++)
		add(w, &e, next < end && next->entry == w->added ? next++ : NULL);
}

static void forget_files(struct facts_walk *w)
{
	for (size_t i = 0; i < w->n_files; i++) {
		free(w->files[i].path);
		ohc_facts_of_file_clear(&w->files[i].kept);
	}
	w->n_files = 0;
}

static int add_all(struct facts_walk *w, const struct ohc_listing *list, struct ohc_error *err)
{
	struct ohc_listing_iter ahead, it;
	int rc = 0;

	ohc_listing_start(&ahead, list);
	ohc_listing_start(&it, list);
	while (rc == 0 && collect(w, &ahead)) {
		rc = ohc_parallel((w->n_files + BATCH - 1) / BATCH, ohc_parallel_jobs(JOBS_MAX),
				  read_batch, w, err);
		if (rc == 0)
			add_collected(w, &it);
		forget_files(w);
	}
	ohc_listing_end(&ahead);
	ohc_listing_end(&it);
	return rc;
}

/* Of many files nothing is read here.  Small ones are asked for whole: the layer wants them
 * soon. */
static uint64_t bytes_read(void *ctx, const struct ohc_listing_entry *e)
{
	(void)ctx;
	return ohc_facts_wanted(e->path, e->st.st_mode) ? SMALL : 0;
}

int ohc_facts_of_dir(const char *dir, const struct ohc_listing *listing, const char *prefix,
		     uint32_t uid, uint32_t gid, struct ohc_layer_index *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing own = { .settled = false };
	ohc_cleanup(ohc_closep) int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ohc_cleanup(ohc_freep) struct facts_walk *w = ohc_xcalloc(1, sizeof(*w));
	int rc;

	if (fd < 0)
		return ohc_error_sys(err, "cannot open the directory '%s'", dir);
	rc = listing ? 0 : ohc_listing_read(dir, &own, err);
	if (rc < 0)
		return rc;
	listing = listing ? listing : &own;
	*w = (struct facts_walk){
		.dir = dir, .fd = fd, .prefix = prefix + 1, .uid = uid, .gid = gid, .index = ret
	};
	w->prefetch = ohc_prefetch_new(dir, listing, bytes_read, NULL);
	rc = add_all(w, listing, err);
	ohc_prefetch_free(w->prefetch);
	ohc_buf_clear(&w->path);
	return rc;
}
