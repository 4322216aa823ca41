// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/entries.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"

static int compare(const void *a, const void *b)
{
	const struct ohc_entry *x = a, *y = b;

	return ohc_path_compare(x->path, S_ISDIR(x->mode), y->path, S_ISDIR(y->mode));
}

static void clear_one(struct ohc_entry *e)
{
	free(e->path);
	free(e->data);
}

static void add(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid, uint32_t gid,
		const void *data, size_t size)
{
	struct ohc_entry e = {
		.path = ohc_xstrdup(path + 1), .mode = mode, .uid = uid, .gid = gid
	};

	if (data) {
		e.data = ohc_xmalloc(size + 1);
		memcpy(e.data, data, size);
		e.data[size] = '\0';
		e.size = size;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].path, e.path) != 0)
			continue;
		clear_one(&list->v[i]);
		list->v[i] = e;
		return;
	}
	list->v = ohc_xrealloc(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = e;
}

void ohc_entries_dir(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid,
		     uint32_t gid)
{
	add(list, path, S_IFDIR | mode, uid, gid, NULL, 0);
}

void ohc_entries_file(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid,
		      uint32_t gid, const void *data, size_t size)
{
	add(list, path, S_IFREG | mode, uid, gid, data, size);
}

void ohc_entries_symlink(struct ohc_entries *list, const char *path, uint32_t uid, uint32_t gid,
			 const char *target)
{
	add(list, path, S_IFLNK | 0777, uid, gid, target, strlen(target));
}

void ohc_entries_clear(struct ohc_entries *list)
{
	for (size_t i = 0; i < list->n; i++)
		clear_one(&list->v[i]);
	free(list->v);
	*list = (struct ohc_entries)OHC_ENTRIES_INIT;
}

int ohc_entries_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err)
{
	struct ohc_entries *list = ctx;
	int rc = 0;

	if (list->n > 1)
		qsort(list->v, list->n, sizeof(*list->v), compare);
	for (size_t i = 0; rc == 0 && i < list->n; i++) {
		const struct ohc_entry *e = &list->v[i];
		struct ohc_tar_entry t = { .path = e->path,
					   .mode = e->mode,
					   .uid = e->uid,
					   .gid = e->gid,
					   .mtime = list->mtime };

		if (S_ISLNK(e->mode))
			t.link = e->data;
		else
			t.size = (int64_t)e->size;
		rc = ohc_tar_write_header(w, &t, err);
		if (rc == 0 && S_ISREG(e->mode))
			rc = ohc_tar_write_data(w, e->data, e->size, err);
	}
	return rc;
}
