// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/range.h"
#include "oci/archive/input.h"
#include "oci/codec/codec.h"
#include "oci/codec/stream_pool.h"
#include "oci/tar/tar.h"

/* Limits the small files that the index of a compressed archive keeps. */
#define KEEP_FILE  (1u << 20)
#define KEEP_ALL   (8u << 20)
#define NAMES_ALL  (8u << 20)
#define LINKS_DEEP 8

struct ohc_archive {
	char *name;
	int fd;
	uint64_t size;                /* of the file, compressed or not */
	struct ohc_stream_pool *pool; /* NULL: it is a plain tar */
	struct ohc_archive_file *files;
	size_t n, cap;
	size_t names, kept; /* bytes */
};

static int detect(struct ohc_archive *a, struct ohc_error *err)
{
	unsigned char head[OHC_CODEC_MAGIC];
	ssize_t n = pread(a->fd, head, sizeof(head), 0);

	if (n < 0)
		return ohc_error_sys(err, "cannot read '%s'", a->name);
	if (n == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is empty, and no archive", a->name);
	if (ohc_codec_guess(head, (size_t)n) != OHC_COMPRESSION_NONE)
		a->pool = ohc_stream_pool_new(a->fd, a->size, a->name);
	return 0;
}

/* Reads the first bytes of a file, or all of a small one where going back is expensive. */
static int look_inside(struct ohc_archive *a, struct ohc_tar_reader *r, struct ohc_archive_file *f,
		       struct ohc_error *err)
{
	unsigned char head[OHC_CODEC_MAGIC];
	bool keep = a->pool && f->size <= KEEP_FILE && a->kept + (size_t)f->size <= KEEP_ALL;
	size_t want = keep ? (size_t)f->size : sizeof(head), have = 0;
	unsigned char *to = head;

	if (keep)
		to = ohc_xmalloc(want);
	while (have < want) {
		ssize_t n = ohc_tar_read(r, to + have, want - have, err);

		if (n < 0) {
			if (keep)
				free(to);
			return (int)n;
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	f->compression = ohc_codec_guess(to, have);
	if (!keep)
		return 0;
	f->bytes = (char *)to;
	a->kept += want;
	return have < want ? ohc_error_set(err, OHC_E_FORMAT, "'%s' is cut off within '%s'",
					   a->name, f->path)
			   : 0;
}

static struct ohc_archive_file *add_file(struct ohc_archive *a)
{
	if (a->n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 64;
		a->files = ohc_xrealloc(a->files, a->cap, sizeof(*a->files));
	}
	memset(&a->files[a->n], 0, sizeof(*a->files));
	return &a->files[a->n++];
}

/* The name of an entry, or of the one that it is a hard link to; NULL where it leads out. */
char *ohc_archive_clean(const char *path)
{
	return *path == '/' || ohc_path_has_up(path) ? NULL : ohc_path_clean(path);
}

/* Where a symlink leads; NULL where that is outside of the archive. */
static char *led_to(const char *path, const char *target)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);

	return *target == '/' ? NULL : ohc_path_follow(dir, target);
}

/* Keeps regular files and links; directories and devices are not needed. */
static int add_entry(struct ohc_archive *a, struct ohc_tar_reader *r, const struct ohc_tar_entry *e,
		     struct ohc_error *err)
{
	struct ohc_archive_file *f;
	char *path = ohc_archive_clean(e->path);

	if (!path)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' has an entry whose name leads out of it: '%.200s'",
				     a->name, e->path);
	a->names += strlen(path) + (e->link ? strlen(e->link) : 0);
	if (a->n >= OHC_ARCHIVE_MAX || a->names > NAMES_ALL) {
		free(path);
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' has more than %d entries", a->name,
				     OHC_ARCHIVE_MAX);
	}
	if (!e->link && !S_ISREG(e->mode)) {
		free(path);
		return 0;
	}
	f = add_file(a);
	f->path = path;
	if (e->link) {
		f->link = e->hardlink ? ohc_archive_clean(e->link) : led_to(path, e->link);
		if (!f->link) /* it leads out: to nothing */
			f->link = ohc_xstrdup("");
		return 0;
	}
	f->offset = e->data_offset;
	f->size = e->size;
	if (e->sparse)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' has '%s' as a sparse file", a->name,
				     path);
	if (!a->pool && (uint64_t)f->size > a->size - f->offset)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is cut off within '%s'", a->name,
				     path);
	return look_inside(a, r, f, err);
}

static int compare(const void *x, const void *y)
{
	return strcmp(((const struct ohc_archive_file *)x)->path,
		      ((const struct ohc_archive_file *)y)->path);
}

/* The plain tar from its start. */
static struct ohc_source *whole(struct ohc_archive *a)
{
	ohc_cleanup(ohc_freep) char *what = NULL;
	struct ohc_source *all = ohc_range_source(a->fd, 0, a->size, a->name);

	if (!a->pool)
		return all;
	what = ohc_xasprintf("'%s'", a->name);
	return ohc_codec_decompress(all, true, what);
}

static int make_index(struct ohc_archive *a, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain = whole(a);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", a->name);
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r =
		ohc_tar_reader_new(plain, what);
	struct ohc_tar_entry e;
	int rc;

	while ((rc = ohc_tar_next(r, &e, err)) > 0) {
		rc = add_entry(a, r, &e, err);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	if (a->n)
		qsort(a->files, a->n, sizeof(*a->files), compare);
	for (size_t i = 1; i < a->n; i++)
		if (compare(&a->files[i - 1], &a->files[i]) == 0)
			return ohc_error_set(err, OHC_E_FORMAT, "'%s' has two entries named '%s'",
					     a->name, a->files[i].path);
	return 0;
}

int ohc_archive_open(const char *path, struct ohc_report *report, struct ohc_archive **ret,
		     struct ohc_error *err)
{
	struct ohc_archive *a = ohc_xcalloc(1, sizeof(*a));
	int rc;

	a->fd = -1;
	a->name = ohc_xstrdup(strcmp(path, "-") == 0 ? "standard input" : path);
	rc = ohc_archive_input(path, a->name, report, &a->fd, &a->size, err);
	if (rc == 0)
		rc = detect(a, err);
	if (rc == 0)
		rc = make_index(a, err);
	if (rc < 0) {
		ohc_archive_close(a);
		return rc;
	}
	*ret = a;
	return 0;
}

void ohc_archive_close(struct ohc_archive *a)
{
	if (!a)
		return;
	ohc_stream_pool_free(a->pool);
	for (size_t i = 0; i < a->n; i++) {
		free(a->files[i].path);
		free(a->files[i].link);
		free(a->files[i].bytes);
	}
	free(a->files);
	ohc_closep(&a->fd);
	free(a->name);
	free(a);
}

const char *ohc_archive_name(const struct ohc_archive *a)
{
	return a->name;
}

bool ohc_archive_is_stream(const struct ohc_archive *a)
{
	return a->pool != NULL;
}

const struct ohc_archive_file *ohc_archive_find(const struct ohc_archive *a, const char *path)
{
	struct ohc_archive_file key = { .path = (char *)path };
	const struct ohc_archive_file *f = NULL;

	for (int deep = 0; deep < LINKS_DEEP; deep++) {
		f = a->n ? bsearch(&key, a->files, a->n, sizeof(*a->files), compare) : NULL;
		if (!f || !f->link)
			break;
		key.path = f->link;
	}
	return f && !f->link ? f : NULL;
}

int ohc_archive_read(struct ohc_archive *a, const struct ohc_archive_file *f, size_t max,
		     struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;

	if (f->size < 0 || (uint64_t)f->size > max)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' in '%s' is larger than the limit of %zu bytes", f->path,
				     a->name, max);
	src = ohc_archive_source(a, f);
	return ohc_source_read_all(src, max, ret, err);
}

struct ohc_source *ohc_archive_source(struct ohc_archive *a, const struct ohc_archive_file *f)
{
	if (f->bytes)
		return ohc_source_memory(f->bytes, (size_t)f->size);
	if (a->pool)
		return ohc_stream_pool_open(a->pool, f->offset, (uint64_t)f->size);
	return ohc_range_source(a->fd, f->offset, (uint64_t)f->size, a->name);
}
