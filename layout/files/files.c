// SPDX-License-Identifier: Apache-2.0
#include "layout/files/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"

int ohc_files_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		   struct ohc_files_place *ret, struct ohc_error *err)
{
	return f->ops->find(f, path, follow, ret, err);
}

void ohc_files_place_clear(struct ohc_files_place *place)
{
	free(place->path);
	free(place->link);
	memset(place, 0, sizeof(*place));
}

static bool is_there(const struct ohc_files_place *place, mode_t type)
{
	return place->found == OHC_FILES_THERE && (!type || (place->node.mode & S_IFMT) == type);
}

int ohc_files_elf(struct ohc_files *f, const struct ohc_files_place *place,
		  const struct ohc_elf **ret, struct ohc_error *err)
{
	return is_there(place, S_IFREG) ? f->ops->elf(f, place, ret, err) : 0;
}

int ohc_files_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		   struct ohc_buf *ret, struct ohc_error *err)
{
	return is_there(place, S_IFREG) ? f->ops->read(f, place, max, ret, err) : 0;
}

int ohc_files_read_path(struct ohc_files *f, const char *path, size_t max, struct ohc_buf *ret,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(f, path, OHC_FILES_FOLLOW, &place, err);

	return rc < 0 ? rc : ohc_files_read(f, &place, max, ret, err);
}

int ohc_files_is(struct ohc_files *f, const char *path, mode_t type, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(f, path, OHC_FILES_FOLLOW, &place, err);

	return rc < 0 ? rc : is_there(&place, type);
}

int ohc_files_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(f, dir, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0 || !is_there(&place, S_IFDIR))
		return rc;
	return f->ops->walk(f, place.path, fn, ctx, err);
}

struct files_list {
	ohc_files_fn fn;
	void *ctx;
};

static int list_name(void *ctx, const char *path, const struct ohc_files_node *node,
		     struct ohc_error *err)
{
	const struct files_list *l = ctx;
	int rc = l->fn(l->ctx, strrchr(path, '/') + 1, node, err);

	return rc == 0 && S_ISDIR(node->mode) ? OHC_FILES_SKIP : rc;
}

int ohc_files_list(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		   struct ohc_error *err)
{
	struct files_list l = { fn, ctx };

	return ohc_files_walk(f, dir, list_name, &l, err);
}

void ohc_files_free(struct ohc_files *f)
{
	if (f)
		f->ops->free(f);
}

void ohc_files_freep(struct ohc_files **f)
{
	ohc_files_free(*f);
}
