// SPDX-License-Identifier: Apache-2.0
/*
 * The listing is gone through twice at the same time: one walk runs ahead and collects the next
 * files to look into, the other adds the entries in their order.  While a stretch of it is read, on
 * all processors, one of them adds the stretch before and collects the next.
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
	size_t entry; /* its number in the stretch */
	char *path;   /* in the layer */
	size_t below; /* where in it the path below the directory begins */
	struct stat st;
	struct ohc_facts_of_file kept;
};

/* Entries of the listing that follow one another. */
struct stretch {
	size_t n; /* entries; 0: the listing has ended */
	struct facts_file files[FILES];
	size_t n_files;
};

struct facts_walk {
	const char *dir;
	int fd;
	const char *prefix; /* without its '/' */
	uint32_t uid, gid;
	struct ohc_layer_index *index;
	struct ohc_prefetch *prefetch;
	struct ohc_listing_iter ahead, it; /* of what is collected, and of what is added */
	struct ohc_buf path;               /* in the layer, of the entry at hand */
	struct stretch stretches[2];
	struct stretch *reading, *other; /* of them */
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

static void collect(struct facts_walk *w, struct stretch *s)
{
	struct ohc_listing_entry e;

	for (; s->n_files < FILES && ohc_listing_next(&w->ahead, &e); s->n++) {
		size_t below = set_path(w, e.path);

		ohc_prefetch_pass(w->prefetch);
		if (S_ISREG(e.st.st_mode) && ohc_facts_of_file_wanted(ohc_buf_str(&w->path), &e.st))
			s->files[s->n_files++] =
				(struct facts_file){ .entry = s->n,
						     .path = ohc_xstrdup(ohc_buf_str(&w->path)),
						     .below = below,
						     .st = e.st };
	}
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

static int read_batch(struct facts_walk *w, size_t i, struct ohc_error *err)
{
	struct stretch *s = w->reading;
	const size_t end = (i + 1) * BATCH < s->n_files ? (i + 1) * BATCH : s->n_files;
	int rc = ohc_interrupt_check(err);

	for (size_t k = i * BATCH; rc == 0 && k < end; k++) {
		/* One batch tells whether reads wait. */
		if (i == 0)
			ohc_prefetch_read_begins(w->prefetch);
		rc = read_file(w, &s->files[k], err);
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

static void add_stretch(struct facts_walk *w, const struct stretch *s)
{
	const struct facts_file *next = s->files, *end = s->files + s->n_files;
	struct ohc_listing_entry e;

	for (size_t i = 0; i < s->n && ohc_listing_next(&w->it, &e); i++)
		add(w, &e, next < end && next->entry == i ? next++ : NULL);
}

static void forget(struct stretch *s)
{
	for (size_t i = 0; i < s->n_files; i++) {
		free(s->files[i].path);
		ohc_facts_of_file_clear(&s->files[i].kept);
	}
	s->n = s->n_files = 0;
}

/* Item 0 is the other stretch: what was read is added, and the next is collected. */
static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct facts_walk *w = ctx;

	if (i > 0)
		return read_batch(w, i - 1, err);
	add_stretch(w, w->other);
	forget(w->other);
	collect(w, w->other);
	return 0;
}

static int add_all(struct facts_walk *w, struct ohc_error *err)
{
	int rc = 0;

	w->reading = &w->stretches[0];
	w->other = &w->stretches[1];
	collect(w, w->reading);
	while (rc == 0 && w->reading->n > 0) {
		struct stretch *was = w->reading;

		rc = ohc_parallel(1 + (was->n_files + BATCH - 1) / BATCH,
				  ohc_parallel_jobs(JOBS_MAX), work, w, err);
		w->reading = w->other;
		w->other = was;
	}
	if (rc == 0)
		add_stretch(w, w->other);
	forget(w->reading);
	forget(w->other);
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
	ohc_listing_start(&w->ahead, listing);
	ohc_listing_start(&w->it, listing);
	rc = add_all(w, err);
	ohc_listing_end(&w->ahead);
	ohc_listing_end(&w->it);
	ohc_prefetch_free(w->prefetch);
	ohc_buf_clear(&w->path);
	return rc;
}
