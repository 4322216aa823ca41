// SPDX-License-Identifier: Apache-2.0
#include "layout/files/of_dir.h"

#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/io.h"
#include "layout/files/of_dir_internal.h"
#include "core/dir_names.h"

#define DEPTH_MAX 512

/* An ELF file.  Others are looked at again, which is rare: a tree has many of them. */
struct known {
	char *path;
	struct ohc_elf elf;
};

void ohc_files_dir_node(struct ohc_files_node *node, const struct stat *st)
{
	*node = (struct ohc_files_node){ .mode = st->st_mode,
					 .uid = st->st_uid,
					 .gid = st->st_gid,
					 .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
					 .mtime = st->st_mtime };
}

struct walk {
	struct ohc_dir_files *d;
	ohc_files_fn fn;
	void *ctx;
	struct ohc_buf path;
	unsigned int depth;
};

static int walk_dir(struct walk *w, struct ohc_error *err);

static int walk_name(struct walk *w, const char *name, struct ohc_error *err)
{
	struct ohc_files_node node;
	struct stat st;
	size_t len = w->path.len;
	int rc;

	ohc_buf_addf(&w->path, "%s%s", len > 1 ? "/" : "", name);
	if (fstatat(w->d->fd, ohc_files_dir_relative(w->path.data), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ohc_error_sys(err, "cannot look at '%s%s'", w->d->name, w->path.data);
	ohc_files_dir_node(&node, &st);
	rc = w->fn(w->ctx, w->path.data, &node, err);
	if (rc == 0 && S_ISDIR(st.st_mode))
		rc = walk_dir(w, err);
	ohc_buf_truncate(&w->path, len);
	return rc == OHC_FILES_SKIP ? 0 : rc;
}

static int walk_dir(struct walk *w, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	ohc_cleanup(ohc_closep) int fd = -1;
	int rc = ohc_interrupt_check(err);

	if (rc < 0)
		return rc;
	if (w->depth == DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s%s' lies deeper than %d directories",
				     w->d->name, w->path.data, DEPTH_MAX);
	fd = openat(w->d->fd, ohc_files_dir_relative(w->path.data),
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
	struct walk w = { OHC_CONTAINER_OF(f, struct ohc_dir_files, files), fn, ctx, OHC_BUF_INIT,
			  0 };
	int rc;

	ohc_buf_adds(&w.path, dir);
	rc = walk_dir(&w, err);
	ohc_buf_clear(&w.path);
	return rc;
}

static int open_file(const struct ohc_dir_files *d, const char *path, int *ret,
		     struct ohc_error *err)
{
	*ret = openat(d->fd, ohc_files_dir_relative(path),
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return *ret < 0 ? ohc_error_sys(err, "cannot open '%s%s'", d->name, path) : 0;
}

static int compare_known(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->path, ((const struct known *)b)->path);
}

static void free_known(void *p)
{
	struct known *k = p;

	free(k->path);
	ohc_elf_clear(&k->elf);
	free(k);
}

static int dir_elf(struct ohc_files *f, const struct ohc_files_place *place,
		   const struct ohc_elf **ret, struct ohc_error *err)
{
	struct ohc_dir_files *d = OHC_CONTAINER_OF(f, struct ohc_dir_files, files);
	struct known wanted = { .path = place->path }, *k;
	ohc_cleanup(ohc_closep) int fd = -1;
	struct known **found = tfind(&wanted, &d->elfs, compare_known);
	int rc;

	if (!found) {
		rc = open_file(d, place->path, &fd, err);
		if (rc == 0)
			rc = ohc_elf_read_fd(fd, place->path, &wanted.elf, err);
		if (rc <= 0)
			return rc;
		k = ohc_xmalloc(sizeof(*k));
		*k = (struct known){ ohc_xstrdup(place->path), wanted.elf };
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
	struct ohc_dir_files *d = OHC_CONTAINER_OF(f, struct ohc_dir_files, files);
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
	struct ohc_dir_files *d = OHC_CONTAINER_OF(f, struct ohc_dir_files, files);

	tdestroy(d->elfs, free_known);
	close(d->fd);
	free(d->name);
	free(d);
}

int ohc_files_dir(const char *dir, struct ohc_files **ret, struct ohc_error *err)
{
	static const struct ohc_files_ops ops = { .find = ohc_files_dir_find,
						  .walk = dir_walk,
						  .elf = dir_elf,
						  .read = dir_read,
						  .free = dir_free };
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ohc_dir_files *d;

	if (fd < 0)
		return ohc_error_sys(err, "cannot open the directory '%s'", dir);
	d = ohc_xcalloc(1, sizeof(*d));
	d->files.ops = &ops;
	d->fd = fd;
	d->name = ohc_xstrdup(strcmp(dir, "/") == 0 ? "" : dir);
	*ret = &d->files;
	return 0;
}
