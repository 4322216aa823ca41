// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/tree_internal.h"

#include "core/path.h"

static int add_file(void *ctx, const char *path, const struct ohc_file *file)
{
	const struct ohc_layer_entry e = { .path = path + 1,
					   .link = file->link,
					   .mode = file->mode,
					   .uid = file->uid,
					   .gid = file->gid,
					   .size = file->size,
					   .mtime = file->mtime,
					   .data = file->data,
					   .n_data = file->n_data,
					   .facts = file->facts,
					   .n_facts = file->n_facts };

	if (!file->implied)
		ohc_layer_index_add(ctx, &e);
	return 0;
}

void ohc_payload_tree_index(const struct ohc_rootfs *fs, struct ohc_layer_index *ret)
{
	ohc_rootfs_walk(fs, "/", add_file, ret);
}

struct walking {
	const char *target;
	ohc_fit_entry_fn fn;
	void *ctx;
};

static int tell_file(void *ctx, const char *path, const struct ohc_file *file)
{
	const struct walking *w = ctx;

	if (ohc_path_is_in(path, w->target))
		w->fn(w->ctx, &(struct ohc_fit_entry){ .path = path,
						       .mode = file->mode,
						       .uid = file->uid,
						       .gid = file->gid,
						       .link = file->link,
						       .mtime = file->mtime,
						       .implied = file->implied });
	return 0;
}

int ohc_payload_tree_walk(const struct ohc_rootfs *fs, const char *target, ohc_fit_entry_fn fn,
			  void *ctx)
{
	struct walking w = { target, fn, ctx };

	return ohc_rootfs_walk(fs, "/", tell_file, &w);
}
