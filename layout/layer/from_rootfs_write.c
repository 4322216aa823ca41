// SPDX-License-Identifier: Apache-2.0
/* A subtree whose files were taken: as a layer, or among the entries of a bundle. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "layout/layer/pyc.h"
#include "layout/layer/from_rootfs_internal.h"

#define PIECE (256 * 1024)

struct writing {
	struct ohc_from_rootfs_layer *layer;
	struct ohc_tar_writer *w;
	unsigned char *piece;
};

/* A directory that no entry made has neither time nor attributes. */
static const struct ohc_spooled_entry *taken_of(const struct ohc_spooled *taken,
						const struct ohc_file *file)
{
	return file->implied ? NULL : ohc_spooled_find(taken, file->from, file->entry);
}

static int not_taken(struct ohc_from_rootfs_walk *k, const char *path)
{
	return ohc_error_set(k->err, OHC_E_FORMAT, "%s: '%s' cannot be read", k->s->what, path);
}

static bool has_content(const struct ohc_file *file, const struct ohc_spooled_entry *t)
{
	return S_ISREG(file->mode) && t && t->size == file->size;
}

static int read_piece(int fd, unsigned char *buf, size_t n, uint64_t offset, struct ohc_error *err)
{
	for (size_t have = 0; have < n;) {
		ssize_t got = pread(fd, buf + have, n - have, (off_t)(offset + have));

		if (got == 0 || (got < 0 && errno != EINTR))
			return ohc_error_sys(err, "cannot read the temporary file");
		have += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

/* The bytecode's header is corrected where the source's time is (layout/layer/pyc.h). */
static void retime_bytecode(struct ohc_from_rootfs_walk *k, const char *path, size_t n)
{
	struct writing *w = k->ctx;
	const struct ohc_from_rootfs_layer *l = w->layer;
	const char *root = strcmp(k->s->root, "/") == 0 ? "" : k->s->root;
	const char *name = strrchr(path, '/') + 1, *inside = path + strlen(k->s->prefix);
	ohc_cleanup(ohc_freep) char *source = NULL;
	const struct ohc_spooled_entry *t;
	struct ohc_rootfs_place place;
	char file[NAME_MAX + 1];

	if (l->mtime == OHC_MTIME_PRESERVE || !ohc_pyc_source(name, file, sizeof(file)))
		return;
	source = ohc_xasprintf("%s%.*s../%s", root, (int)(name - inside), inside, file);
	ohc_rootfs_find(k->s->fs, source, OHC_FOLLOW, &place);
	t = place.found == OHC_FOUND ? taken_of(l->taken, &place.file) : NULL;
	if (t)
		ohc_pyc_retime(w->piece, n, t->mtime, (int64_t)place.file.size,
			       ohc_from_dir_mtime(l->mtime, l->time, t->mtime));
	ohc_rootfs_place_clear(&place);
}

static int write_data(struct ohc_from_rootfs_walk *k, const char *path,
		      const struct ohc_spooled_entry *t)
{
	struct writing *w = k->ctx;
	struct ohc_from_rootfs_layer *l = w->layer;
	int rc = ohc_interrupt_check(k->err);

	for (uint64_t at = 0; rc == 0 && at < t->size;) {
		size_t n = t->size - at < PIECE ? (size_t)(t->size - at) : PIECE;

		rc = read_piece(ohc_spooled_fd(l->taken), w->piece, n, t->offset + at, k->err);
		if (rc == 0 && at == 0)
			retime_bytecode(k, path, n);
		if (rc == 0)
			rc = ohc_tar_write_data(w->w, w->piece, n, k->err);
		if (rc == 0)
			rc = ohc_interrupt_check(k->err);
		ohc_task_advance(l->task, n);
		at += n;
	}
	l->bytes += t->size;
	l->files++;
	return rc;
}

static int write_entry(struct ohc_from_rootfs_walk *k, const char *path,
		       const struct ohc_file *file)
{
	struct writing *w = k->ctx;
	const struct ohc_from_rootfs_layer *l = w->layer;
	const struct ohc_spooled_entry *t = taken_of(l->taken, file);
	const char *first = ohc_from_rootfs_first_name(k, path, file);
	struct ohc_tar_entry e = {
		.path = path + 1,
		.link = first ? first + 1 : file->link,
		.hardlink = first != NULL,
		.mode = file->mode,
		.uid = l->uid,
		.gid = l->gid,
		.mtime = ohc_from_dir_mtime(l->mtime, l->time, t ? t->mtime : file->mtime),
	};
	int rc;

	if (first || S_ISLNK(file->mode))
		return ohc_tar_write_header(w->w, &e, k->err);
	if (!S_ISDIR(file->mode) && !has_content(file, t))
		return not_taken(k, path);
	if (t && t->xattrs) {
		e.xattrs = t->xattrs->v;
		e.n_xattrs = t->xattrs->n;
	}
	e.size = S_ISREG(file->mode) ? (int64_t)file->size : 0;
	rc = ohc_tar_write_header(w->w, &e, k->err);
	return rc < 0 || S_ISDIR(file->mode) ? rc : write_data(k, path, t);
}

int ohc_from_rootfs_write(void *ctx, struct ohc_tar_writer *tar, struct ohc_error *err)
{
	struct ohc_from_rootfs_layer *l = ctx;
	ohc_cleanup(ohc_freep) unsigned char *piece = ohc_xmalloc(PIECE);
	struct writing w = { l, tar, piece };
	struct ohc_from_rootfs_walk k = { .s = l->tree, .fn = write_entry, .ctx = &w, .err = err };

	l->files = l->bytes = 0;
	return ohc_from_rootfs_walk(&k);
}

struct bundling {
	const struct ohc_spooled *taken;
	struct ohc_assembly *bundle;
};

static int add_to_bundle(struct ohc_from_rootfs_walk *k, const char *path,
			 const struct ohc_file *file)
{
	struct bundling *b = k->ctx;
	const struct ohc_spooled_entry *t = taken_of(b->taken, file);
	const char *first = ohc_from_rootfs_first_name(k, path, file);
	struct ohc_assembly_item item = { .path = path,
					  .mode = file->mode & 07777,
					  .mtime = t ? t->mtime : file->mtime,
					  .origin = k->s->what };
	struct ohc_content content = { .kind = OHC_CONTENT_SPOOL, .fd = ohc_spooled_fd(b->taken) };

	if (first)
		return ohc_assembly_link(b->bundle, &item, first, k->err);
	if (S_ISLNK(file->mode))
		return ohc_assembly_symlink(b->bundle, &item, file->link, k->err);
	if (t && t->xattrs) {
		item.xattrs = t->xattrs->v;
		item.n_xattrs = t->xattrs->n;
	}
	if (S_ISDIR(file->mode))
		return ohc_assembly_dir(b->bundle, &item, k->err);
	if (!has_content(file, t))
		return not_taken(k, path);
	content.offset = t->offset;
	content.size = t->size;
	return ohc_assembly_file(b->bundle, &item, &content, NULL, k->err);
}

int ohc_from_rootfs_assembly(const struct ohc_from_rootfs *s, const struct ohc_spooled *taken,
			     struct ohc_assembly *b, struct ohc_error *err)
{
	struct bundling x = { taken, b };
	struct ohc_from_rootfs_walk k = { .s = s, .fn = add_to_bundle, .ctx = &x, .err = err };

	return ohc_from_rootfs_walk(&k);
}
