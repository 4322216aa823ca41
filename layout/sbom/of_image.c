// SPDX-License-Identifier: Apache-2.0
#include "layout/sbom/of_image.h"

#include <sys/stat.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/path.h"
#include "layout/files/of_image.h"
#include "layout/sbom/packages.h"

struct root {
	struct ohc_files files;
	const struct ohc_rootfs *fs;
	struct ohc_files *tree; /* the same, of which little is known but paths */
	struct ohc_spooled *spooled;
};

static struct root *root_of(struct ohc_files *f)
{
	return OHC_CONTAINER_OF(f, struct root, files);
}

static int root_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		     struct ohc_files_place *ret, struct ohc_error *err)
{
	return ohc_files_find(root_of(f)->tree, path, follow, ret, err);
}

static int root_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		     struct ohc_error *err)
{
	return ohc_files_walk(root_of(f)->tree, dir, fn, ctx, err);
}

static int root_elf(struct ohc_files *f, const struct ohc_files_place *place,
		    const struct ohc_elf **ret, struct ohc_error *err)
{
	return ohc_files_elf(root_of(f)->tree, place, ret, err);
}

static int read_spooled(const struct root *r, const struct ohc_spooled_entry *e, size_t max,
			struct ohc_buf *ret, struct ohc_error *err)
{
	size_t n = e->size < max ? (size_t)e->size : max;
	ohc_cleanup(ohc_freep) char *bytes = ohc_xmalloc(n + 1);

	if (ohc_file_read_at(ohc_spooled_fd(r->spooled), bytes, n, e->offset) != (ssize_t)n)
		return ohc_error_sys(err, "cannot read the temporary file");
	ohc_buf_add(ret, bytes, n);
	return 1;
}

static int root_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		     struct ohc_buf *ret, struct ohc_error *err)
{
	const struct root *r = root_of(f);
	struct ohc_rootfs_place found;
	struct ohc_spooled_entry e;
	bool spooled;

	ohc_rootfs_find(r->fs, place->path, OHC_NOFOLLOW, &found);
	spooled = found.found == OHC_FOUND && S_ISREG(found.file.mode) &&
		  ohc_spooled_find(r->spooled, found.file.from, found.file.entry, &e) && e.was;
	ohc_rootfs_place_clear(&found);
	return spooled ? read_spooled(r, &e, max, ret, err)
		       : ohc_files_read(r->tree, place, max, ret, err);
}

static void root_free(struct ohc_files *f)
{
	struct root *r = root_of(f);

	ohc_files_free(r->tree);
	ohc_spooled_free(r->spooled);
	free(r);
}

static bool is_database(const char *path, const struct ohc_file *file)
{
	return S_ISREG(file->mode) && ohc_packages_is_database(path);
}

static int find_outside(void *ctx, const char *path, const struct ohc_file *file)
{
	return is_database(path, file) && !ohc_path_ends_in(path, "/os-release") &&
	       !ohc_path_ends_in(path, "/copyright") && !ohc_path_below(path, ctx);
}

bool ohc_sbom_image_has_packages(const struct ohc_rootfs *fs, const char *outside)
{
	return ohc_rootfs_walk(fs, "/", find_outside, (void *)outside) != 0;
}

static int want(void *ctx, const char *path, const struct ohc_file *file)
{
	if (is_database(path, file))
		ohc_spooled_want(ctx, file->from, file->entry);
	return 0;
}

int ohc_sbom_image_root(const struct ohc_rootfs *fs, const struct ohc_from_rootfs_layers *layers,
			struct ohc_files **ret, struct ohc_error *err)
{
	static const struct ohc_files_ops ops = { .find = root_find,
						  .walk = root_walk,
						  .elf = root_elf,
						  .read = root_read,
						  .free = root_free };
	struct root *r = ohc_xcalloc(1, sizeof(*r));
	int rc;

	r->files.ops = &ops;
	r->fs = fs;
	r->tree = ohc_files_image(fs);
	r->spooled = ohc_spooled_new();
	ohc_rootfs_walk(fs, "/", want, r->spooled);
	rc = ohc_from_rootfs_read(layers, r->spooled, err);
	if (rc < 0)
		ohc_files_free(&r->files);
	else
		*ret = &r->files;
	return rc;
}
