// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/entries.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "oci/tar/xattrs.h"

static int compare(const void *a, const void *b)
{
	const struct ohc_entry *x = a, *y = b;

	return ohc_path_compare(x->path, S_ISDIR(x->mode), y->path, S_ISDIR(y->mode));
}

static void clear_one(struct ohc_entry *e)
{
	free(e->path);
	free(e->data);
	free(e->xattrs);
}

static struct ohc_entry *find(const struct ohc_entries *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].path, path + 1) == 0)
			return &list->v[i];
	return NULL;
}

const struct ohc_entry *ohc_entries_find(const struct ohc_entries *list, const char *path)
{
	return find(list, path);
}

static struct ohc_entry *room_for(struct ohc_entries *list, const char *path)
{
	struct ohc_entry *e = find(list, path);

	if (e) {
		clear_one(e);
		return e;
	}
	list->v = ohc_xrealloc(list->v, list->n + 1, sizeof(*list->v));
	return &list->v[list->n++];
}

static struct ohc_entry *add(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid,
			     uint32_t gid, const void *data, size_t size)
{
	struct ohc_entry e = { .path = ohc_xstrdup(path + 1),
			       .mode = mode,
			       .uid = uid,
			       .gid = gid },
			 *to;

	if (data) {
		e.data = ohc_xmalloc(size + 1);
		memcpy(e.data, data, size);
		e.data[size] = '\0';
		e.size = size;
	}
	to = room_for(list, path);
	*to = e;
	return to;
}

struct ohc_entry *ohc_entries_dir(struct ohc_entries *list, const char *path, mode_t mode,
				  uint32_t uid, uint32_t gid)
{
	return add(list, path, S_IFDIR | mode, uid, gid, NULL, 0);
}

struct ohc_entry *ohc_entries_file(struct ohc_entries *list, const char *path, mode_t mode,
				   uint32_t uid, uint32_t gid, const void *data, size_t size)
{
	return add(list, path, S_IFREG | mode, uid, gid, data, size);
}

void ohc_entries_symlink(struct ohc_entries *list, const char *path, uint32_t uid, uint32_t gid,
			 const char *target)
{
	add(list, path, S_IFLNK | 0777, uid, gid, target, strlen(target));
}

void ohc_entries_whiteout(struct ohc_entries *list, const char *path)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	ohc_cleanup(ohc_freep) char *name =
		ohc_xasprintf("%s/.wh.%s", strcmp(dir, "/") == 0 ? "" : dir, ohc_path_name(path));

	add(list, name, S_IFREG, 0, 0, NULL, 0);
}

char *ohc_entry_hides(const struct ohc_entry *e)
{
	const char *name = ohc_path_name(e->path);

	if (strncmp(name, ".wh.", 4) != 0)
		return NULL;
	return ohc_xasprintf("%.*s%s", (int)(name - e->path), e->path, name + 4);
}

void ohc_entry_xattrs(struct ohc_entry *e, const void *encoded, size_t n)
{
	free(ohc_take(e->xattrs));
	e->n_xattrs = 0;
	if (n == 0)
		return;
	e->xattrs = memcpy(ohc_xmalloc(n), encoded, n);
	e->n_xattrs = n;
}

void ohc_entries_clear(struct ohc_entries *list)
{
	for (size_t i = 0; i < list->n; i++)
		clear_one(&list->v[i]);
	free(list->v);
	*list = (struct ohc_entries)OHC_ENTRIES_INIT;
}

static int write_one(const struct ohc_entry *e, struct ohc_tar_writer *w, struct ohc_error *err)
{
	ohc_cleanup(ohc_xattrs_clear) struct ohc_xattrs xattrs = OHC_XATTRS_INIT;
	struct ohc_tar_entry t = {
		.path = e->path, .mode = e->mode, .uid = e->uid, .gid = e->gid, .mtime = e->mtime
	};
	int rc;

	ohc_xattrs_decode(e->xattrs, e->n_xattrs, &xattrs);
	t.xattrs = xattrs.v;
	t.n_xattrs = xattrs.n;
	if (S_ISLNK(e->mode))
		t.link = e->data;
	else
		t.size = (int64_t)e->size;
	rc = ohc_tar_write_header(w, &t, err);
	return rc < 0 || !S_ISREG(e->mode) ? rc : ohc_tar_write_data(w, e->data, e->size, err);
}

void ohc_entries_sort(struct ohc_entries *list)
{
	for (size_t i = 1; i < list->n; i++)
		if (compare(&list->v[i - 1], &list->v[i]) > 0) {
			qsort(list->v, list->n, sizeof(*list->v), compare);
			return;
		}
}

int ohc_entries_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err)
{
	struct ohc_entries *list = ctx;
	int rc = 0;

	ohc_entries_sort(list);
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		rc = write_one(&list->v[i], w, err);
	return rc;
}
