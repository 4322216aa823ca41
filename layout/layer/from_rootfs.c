// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/from_rootfs.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/meter.h"
#include "layout/layer/hardlinks.h"
#include "layout/layer/pyc.h"

/* Names in a message. */
#define NAMED_MAX 12
#define PIECE     (256 * 1024)

struct child_names {
	struct ohc_buf text;
	size_t n, dir; /* length of the directory's path */
};

static int name_child(void *ctx, const char *path, const struct ohc_file *file)
{
	struct child_names *k = ctx;

	(void)file;
	if (strchr(path + k->dir + 1, '/'))
		return 0;
	if (++k->n <= NAMED_MAX)
		ohc_buf_addf(&k->text, "%s'%s'", k->text.len ? ", " : "", path + k->dir + 1);
	return 0;
}

/* Finds the deepest directory on the way that is there, and names what is in it, for a message. */
static int not_there(const struct ohc_rootfs *fs, const char *path, const char *what,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrdup(path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf more = OHC_BUF_INIT;
	struct child_names k = { .n = 0 };
	struct ohc_rootfs_place place;
	bool found = false;

	while (!found) {
		*strrchr(dir, '/') = '\0';
		ohc_rootfs_find(fs, *dir ? dir : "/", OHC_FOLLOW, &place);
		found = place.found == OHC_FOUND && S_ISDIR(place.file.mode);
		k.dir = found && strcmp(place.path, "/") != 0 ? strlen(place.path) : 0;
		if (found)
			ohc_rootfs_walk(fs, place.path, name_child, &k);
		ohc_rootfs_place_clear(&place);
	}
	if (k.n > NAMED_MAX)
		ohc_buf_addf(&more, " and %zu more", k.n - NAMED_MAX);
	ohc_error_set(err, OHC_E_NOT_FOUND, "%s has no directory '%s': in '%s' there is %s%s", what,
		      path, *dir ? dir : "/", k.text.len ? ohc_buf_str(&k.text) : "nothing",
		      ohc_buf_str(&more));
	ohc_buf_clear(&k.text);
	return -OHC_E_NOT_FOUND;
}

int ohc_from_rootfs_find(const struct ohc_rootfs *fs, const char *path, const char *what,
			 char **ret_root, struct ohc_error *err)
{
	struct ohc_rootfs_place place;
	int rc = 0;

	ohc_rootfs_find(fs, path, OHC_FOLLOW, &place);
	if (place.found == OHC_FOUND && S_ISDIR(place.file.mode))
		*ret_root = ohc_take(place.path);
	else
		rc = not_there(fs, path, what, err);
	ohc_rootfs_place_clear(&place);
	return rc;
}

/* A walk over the subtree, its root first, with the paths that it will have. */
struct tree_walk {
	const struct ohc_from_rootfs *s;
	int (*fn)(struct tree_walk *k, const char *path, const struct ohc_file *file);
	void *ctx;
	struct ohc_error *err;

	struct ohc_hardlinks inodes;
	struct ohc_buf path;
};

static int step(void *ctx, const char *path, const struct ohc_file *file)
{
	struct tree_walk *k = ctx;
	size_t root = strcmp(k->s->root, "/") == 0 ? 0 : strlen(k->s->root);

	ohc_buf_truncate(&k->path, 0);
	ohc_buf_addf(&k->path, "%s%s", k->s->prefix, path + root);
	if (k->path.len > OHC_TAR_PATH_MAX)
		return ohc_error_set(k->err, OHC_E_FORMAT,
				     "%s: '%.100s…' would become a path of more than %d bytes",
				     k->s->what, path, OHC_TAR_PATH_MAX);
	return k->fn(k, k->path.data, file);
}

static int walk_tree(struct tree_walk *k)
{
	struct ohc_rootfs_place place;
	int rc;

	ohc_rootfs_find(k->s->fs, k->s->root, OHC_NOFOLLOW, &place);
	rc = k->fn(k, k->s->prefix, &place.file);
	ohc_rootfs_place_clear(&place);
	if (rc == 0)
		rc = ohc_rootfs_walk(k->s->fs, k->s->root, step, k);
	ohc_hardlinks_clear(&k->inodes);
	ohc_buf_clear(&k->path);
	return rc;
}

/* The name under which a file with several names was written, or NULL: this is its first.  Symlinks
 * with several names are written as several symlinks, as in layout/layer/from_dir.h. */
static const char *first_name(struct tree_walk *k, const char *path, const struct ohc_file *file)
{
	if (!file->shared || !S_ISREG(file->mode))
		return NULL;
	return ohc_hardlinks_add(&k->inodes, 0, file->id, path);
}

struct indexing {
	struct ohc_layer_index *index;
	uint32_t uid, gid;
	uint32_t **entries; /* may be NULL */
	size_t cap;
};

/* Notes which entry the next one of the index is. */
static void note_entry(struct indexing *x, const struct ohc_file *file)
{
	const size_t n = x->index->n_entries;

	if (n == x->cap) {
		x->cap = x->cap ? x->cap * 2 : 1024;
		*x->entries = ohc_xrealloc(*x->entries, x->cap, sizeof(**x->entries));
	}
	(*x->entries)[n] = file->implied ? OHC_FROM_NONE : file->entry;
}

static int add_to_index(struct tree_walk *k, const char *path, const struct ohc_file *file)
{
	struct indexing *x = k->ctx;
	const char *first = first_name(k, path, file);
	struct ohc_layer_entry e = { .path = path + 1 };

	if (first) {
		e.kind = OHC_LAYER_HARDLINK;
		e.link = first + 1;
	} else {
		e.link = file->link;
		e.mode = file->mode;
		e.uid = x->uid;
		e.gid = x->gid;
		e.size = file->size;
		e.mtime = file->mtime;
		e.data = file->data;
		e.n_data = file->n_data;
		e.facts = file->facts;
		e.n_facts = file->n_facts;
	}
	if (x->entries)
		note_entry(x, file);
	ohc_layer_index_add(x->index, &e);
	return 0;
}

int ohc_from_rootfs_index(const struct ohc_from_rootfs *s, uint32_t uid, uint32_t gid,
			  struct ohc_layer_index *ret, uint32_t **ret_entries,
			  struct ohc_error *err)
{
	struct indexing x = { ret, uid, gid, ret_entries, 0 };
	struct tree_walk k = { .s = s, .fn = add_to_index, .ctx = &x, .err = err };

	return walk_tree(&k);
}

static int want(struct tree_walk *k, const char *path, const struct ohc_file *file)
{
	if (!S_ISREG(file->mode) && !S_ISDIR(file->mode) && !S_ISLNK(file->mode))
		return ohc_error_set(k->err, OHC_E_UNSUPPORTED,
				     "%s: '%s' is a device or a FIFO, which no payload can have",
				     k->s->what, path);
	if (!file->implied)
		ohc_spooled_want(k->ctx, file->from, file->entry);
	return 0;
}

static int take_layer(const struct ohc_from_rootfs_layers *l, uint32_t i,
		      struct ohc_spooled *spooled, struct ohc_error *err)
{
	const struct ohc_descriptor *d = &l->v[i];
	char title[OHC_DIGEST_SHORT + 16], digest[OHC_DIGEST_SHORT];
	ohc_cleanup(ohc_source_closep) struct ohc_source *blob = NULL, *metered = NULL;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("layer %s", d->digest);
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_scan scan = { .what = what, .size = d->size, .limits = l->limits };
	struct ohc_task *task;
	int rc = ohc_store_open_blob(l->store, d, &blob, err);

	if (rc < 0)
		return rc;
	snprintf(title, sizeof(title), "layer %s", ohc_digest_short(d->digest, digest));
	task = ohc_task_begin(l->report, "extract", title, (uint64_t)d->size);
	metered = ohc_meter_source(blob, task);
	rc = ohc_spooled_read(spooled, i, metered, &scan, &index, err);
	ohc_task_end(task, rc < 0 ? NULL : "read");
	ohc_layer_index_clear(&index);
	return rc;
}

int ohc_from_rootfs_read(const struct ohc_from_rootfs_layers *layers, struct ohc_spooled *spooled,
			 struct ohc_error *err)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < layers->n; i++)
		if (ohc_spooled_wants(spooled, i))
			rc = take_layer(layers, i, spooled, err);
	return rc;
}

int ohc_from_rootfs_take(const struct ohc_from_rootfs *s,
			 const struct ohc_from_rootfs_layers *layers, struct ohc_spooled *spooled,
			 struct ohc_error *err)
{
	struct tree_walk k = { .s = s, .fn = want, .ctx = spooled, .err = err };
	int rc = walk_tree(&k);

	return rc < 0 ? rc : ohc_from_rootfs_read(layers, spooled, err);
}

struct rootfs_writing {
	struct ohc_from_rootfs_layer *layer;
	struct ohc_tar_writer *w;
	unsigned char *piece;
};

/* A directory that no entry made has neither time nor attributes. */
static bool find_spooled(const struct tree_walk *k, const struct ohc_spooled *spooled,
			 const struct ohc_file *file, struct ohc_spooled_entry *ret)
{
	const uint32_t *entries = k->s->entries;
	const uint32_t entry = entries ? entries[file->entry] : file->entry;

	return !file->implied && entry != OHC_FROM_NONE &&
	       ohc_spooled_find(spooled, file->from, entry, ret);
}

static int not_spooled(struct tree_walk *k, const char *path)
{
	return ohc_error_set(k->err, OHC_E_FORMAT, "%s: '%s' cannot be read", k->s->what, path);
}

static bool has_content(const struct ohc_file *file, const struct ohc_spooled_entry *t)
{
	return S_ISREG(file->mode) && t && t->size == file->size;
}

/* path is the source's in the tree. */
static bool find_source(void *ctx, const char *path, int64_t *ret_mtime, uint64_t *ret_size)
{
	const struct tree_walk *k = ctx;
	const struct rootfs_writing *w = k->ctx;
	struct ohc_spooled_entry t;
	struct ohc_rootfs_place place;
	bool found;

	ohc_rootfs_find(k->s->fs, path, OHC_FOLLOW, &place);
	found = place.found == OHC_FOUND && find_spooled(k, w->layer->spooled, &place.file, &t);
	if (found) {
		*ret_mtime = t.mtime;
		*ret_size = place.file.size;
	}
	ohc_rootfs_place_clear(&place);
	return found;
}

static void retime_bytecode(struct tree_walk *k, const char *path, size_t n)
{
	struct rootfs_writing *w = k->ctx;
	const struct ohc_pyc_tree tree = { w->layer->mtime, w->layer->time, find_source, k };
	const char *root = strcmp(k->s->root, "/") == 0 ? "" : k->s->root;
	ohc_cleanup(ohc_freep) char *inside =
		ohc_xasprintf("%s%s", root, path + strlen(k->s->prefix));

	ohc_pyc_retime(&tree, inside, w->piece, n);
}

static int write_data(struct tree_walk *k, const char *path, const struct ohc_spooled_entry *t)
{
	struct rootfs_writing *w = k->ctx;
	struct ohc_from_rootfs_layer *l = w->layer;
	int fd = ohc_spooled_fd(l->spooled);
	int rc = ohc_interrupt_check(k->err);

	for (uint64_t at = 0; rc == 0 && at < t->size;) {
		size_t n = t->size - at < PIECE ? (size_t)(t->size - at) : PIECE;

		if (ohc_file_read_at(fd, w->piece, n, t->offset + at) != (ssize_t)n)
			return ohc_error_sys(k->err, "cannot read the temporary file");
		if (at == 0)
			retime_bytecode(k, path, n);
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

static int write_entry(struct tree_walk *k, const char *path, const struct ohc_file *file)
{
	struct rootfs_writing *w = k->ctx;
	const struct ohc_from_rootfs_layer *l = w->layer;
	struct ohc_spooled_entry spooled;
	const struct ohc_spooled_entry *t =
		find_spooled(k, l->spooled, file, &spooled) ? &spooled : NULL;
	const char *first = first_name(k, path, file);
	struct ohc_tar_entry e = {
		.path = path + 1,
		.link = first ? first + 1 : file->link,
		.hardlink = first != NULL,
		.mode = file->mode,
		.uid = l->uid,
		.gid = l->gid,
		.mtime = ohc_mtime_of(l->mtime, l->time, t ? t->mtime : file->mtime),
	};
	int rc;

	if (first || S_ISLNK(file->mode))
		return ohc_tar_write_header(w->w, &e, k->err);
	if (!S_ISDIR(file->mode) && !has_content(file, t))
		return not_spooled(k, path);
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
	struct rootfs_writing w = { l, tar, piece };
	struct tree_walk k = { .s = l->tree, .fn = write_entry, .ctx = &w, .err = err };

	l->files = l->bytes = 0;
	return walk_tree(&k);
}

struct assembling {
	const struct ohc_spooled *spooled;
	struct ohc_assembly *assembly;
};

static int add_to_assembly(struct tree_walk *k, const char *path, const struct ohc_file *file)
{
	struct assembling *b = k->ctx;
	struct ohc_spooled_entry spooled;
	const struct ohc_spooled_entry *t =
		find_spooled(k, b->spooled, file, &spooled) ? &spooled : NULL;
	const char *first = first_name(k, path, file);
	struct ohc_assembly_item item = { .path = path,
					  .mode = file->mode & 07777,
					  .mtime = t ? t->mtime : file->mtime,
					  .origin = k->s->what };
	struct ohc_content content = { .kind = OHC_CONTENT_SPOOL,
				       .fd = ohc_spooled_fd(b->spooled) };

	if (first)
		return ohc_assembly_link(b->assembly, &item, first, k->err);
	if (S_ISLNK(file->mode))
		return ohc_assembly_symlink(b->assembly, &item, file->link, k->err);
	if (t && t->xattrs) {
		item.xattrs = t->xattrs->v;
		item.n_xattrs = t->xattrs->n;
	}
	if (S_ISDIR(file->mode))
		return ohc_assembly_dir(b->assembly, &item, k->err);
	if (!has_content(file, t))
		return not_spooled(k, path);
	content.offset = t->offset;
	content.size = t->size;
	return ohc_assembly_file(b->assembly, &item, &content, NULL, k->err);
}

int ohc_from_rootfs_assembly(const struct ohc_from_rootfs *s, const struct ohc_spooled *spooled,
			     struct ohc_assembly *b, struct ohc_error *err)
{
	struct assembling x = { spooled, b };
	struct tree_walk k = { .s = s, .fn = add_to_assembly, .ctx = &x, .err = err };

	return walk_tree(&k);
}
