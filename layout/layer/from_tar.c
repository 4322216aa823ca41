// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/from_tar.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"

struct tar_look {
	const struct ohc_tar_input *in;
	/* Some entry is neither below the prefix nor a directory on the way to it. */
	bool elsewhere;
	bool any;
	struct ohc_error *err;
};

static int look(void *ctx, const char *path, const struct ohc_file *file)
{
	struct tar_look *m = ctx;
	const char *prefix = m->in->prefix;
	bool is_dir = S_ISDIR(file->mode);

	m->any = true;
	if (!S_ISREG(file->mode) && !is_dir && !S_ISLNK(file->mode))
		return ohc_error_set(m->err, OHC_E_UNSUPPORTED,
				     "%s: '%s' is a device or a FIFO, which no payload can have",
				     m->in->what, path + 1);
	if (ohc_path_below(path, prefix) || (is_dir && strcmp(path, prefix) == 0))
		return 0;
	if (!is_dir || !ohc_path_below(prefix, path))
		m->elsewhere = true;
	return 0;
}

/* Finds where in the tar the payload is. */
static int find_root(const struct ohc_tar_input *in, struct ohc_from_tar *t, struct ohc_error *err)
{
	struct tar_look m = { .in = in, .err = err };
	struct ohc_rootfs_place place;
	int rc = ohc_rootfs_walk(t->fs, "/", look, &m);
	bool there;

	if (rc < 0)
		return rc;
	if (!m.any)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no files: it cannot be a payload",
				     in->what);
	ohc_rootfs_find(t->fs, in->prefix, OHC_NOFOLLOW, &place);
	there = place.found == OHC_FOUND && S_ISDIR(place.file.mode);
	ohc_rootfs_place_clear(&place);
	t->tree = (struct ohc_from_rootfs){ .fs = t->fs,
					    .root = there && !m.elsewhere ? in->prefix : "/",
					    .prefix = in->prefix,
					    .what = in->what };
	return 0;
}

int ohc_from_tar_read(const struct ohc_tar_input *in, struct ohc_from_tar *t, struct ohc_error *err)
{
	const struct ohc_scan scan = {
		.what = in->what, .size = in->size, .limits = in->limits, .hook = in->hook
	};
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	int rc;

	t->spooled = ohc_spooled_new();
	t->fs = ohc_rootfs_new();
	rc = ohc_spooled_read(t->spooled, 0, in->src, &scan, &index, err);
	if (rc == 0)
		rc = ohc_rootfs_apply_tar(t->fs, ohc_buf_str(&index.bytes), index.bytes.len,
					  in->what, err);
	ohc_layer_index_clear(&index);
	return rc < 0 ? rc : find_root(in, t, err);
}

int ohc_from_tar_index(struct ohc_from_tar *t, uint32_t uid, uint32_t gid,
		       struct ohc_layer_index *ret, struct ohc_error *err)
{
	int rc = ohc_from_rootfs_index(&t->tree, uid, gid, ret, &t->entries, err);

	ohc_rootfs_free(t->fs);
	t->fs = NULL;
	t->tree.fs = NULL;
	return rc;
}

int ohc_from_tar_tree(struct ohc_from_tar *t, const struct ohc_layer_index *index,
		      struct ohc_error *err)
{
	int rc;

	if (t->fs)
		return 0;
	t->fs = ohc_rootfs_new();
	rc = ohc_rootfs_apply(t->fs, ohc_buf_str(&index->bytes), index->bytes.len, t->tree.what,
			      err);
	t->tree.fs = t->fs;
	t->tree.root = t->tree.prefix;
	t->tree.entries = t->entries;
	return rc;
}

void ohc_from_tar_clear(struct ohc_from_tar *t)
{
	ohc_rootfs_free(t->fs);
	free(t->entries);
	ohc_spooled_free(t->spooled);
	memset(t, 0, sizeof(*t));
}
