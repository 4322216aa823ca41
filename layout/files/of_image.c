// SPDX-License-Identifier: Apache-2.0
#include "layout/files/of_image.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/files/facts.h"

struct image_files {
	struct ohc_files files;
	const struct ohc_rootfs *fs;
	pthread_mutex_t lock; /* of known */
	void *known;          /* a tree (tsearch) of struct known_facts */
};

/* Facts of ELF files that were asked for, decoded once.  Of the many others there is none. */
struct known_facts {
	uint32_t id;
	struct ohc_facts facts;
};

static void fill_node(struct ohc_files_node *node, const struct ohc_file *file)
{
	*node = (struct ohc_files_node){ .mode = file->mode,
					 .uid = file->uid,
					 .gid = file->gid,
					 .size = file->size,
					 .mtime = file->mtime,
					 .layer = file->layer,
					 .id = (const void *)(uintptr_t)file->id };
}

static int image_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		      struct ohc_files_place *ret, struct ohc_error *err)
{
	static const enum ohc_files_found found[] = { [OHC_FOUND] = OHC_FILES_THERE,
						      [OHC_ABSENT] = OHC_FILES_ABSENT,
						      [OHC_NOT_DIR] = OHC_FILES_NOT_DIR,
						      [OHC_LOOP] = OHC_FILES_LOOP };
	struct image_files *im = OHC_CONTAINER_OF(f, struct image_files, files);
	struct ohc_rootfs_place place;

	(void)err;
	ohc_rootfs_find(im->fs, path, follow == OHC_FILES_FOLLOW ? OHC_FOLLOW : OHC_NOFOLLOW,
			&place);
	memset(ret, 0, sizeof(*ret));
	ret->found =
		place.found == OHC_FOUND && place.detour ? OHC_FILES_ABSENT : found[place.found];
	ret->path = ohc_take(place.path);
	if (ret->found == OHC_FILES_THERE) {
		fill_node(&ret->node, &place.file);
		ret->link = ohc_xstrdup(place.file.link);
	}
	ohc_rootfs_place_clear(&place);
	return 0;
}

struct image_walk {
	ohc_files_fn fn;
	void *ctx;
	struct ohc_error *err;
	struct ohc_buf skip; /* what is below is not looked at; "" for none */
};

static int walk_file(void *ctx, const char *path, const struct ohc_file *file)
{
	struct image_walk *w = ctx;
	struct ohc_files_node node;
	int rc;

	if (w->skip.len && strncmp(path, w->skip.data, w->skip.len) == 0)
		return 0;
	fill_node(&node, file);
	rc = w->fn(w->ctx, path, &node, w->err);
	if (rc != OHC_FILES_SKIP)
		return rc;
	ohc_buf_truncate(&w->skip, 0);
	ohc_buf_addf(&w->skip, "%s/", path);
	return 0;
}

static int image_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		      struct ohc_error *err)
{
	struct image_files *im = OHC_CONTAINER_OF(f, struct image_files, files);
	struct image_walk w = { fn, ctx, err, OHC_BUF_INIT };
	int rc = ohc_rootfs_walk(im->fs, dir, walk_file, &w);

	ohc_buf_clear(&w.skip);
	return rc;
}

/* The file itself; *ret->data and ->facts are the tree's own. */
static void get_file(const struct image_files *im, const struct ohc_files_place *place,
		     struct ohc_file *ret)
{
	ohc_rootfs_file(im->fs, (uint32_t)(uintptr_t)place->node.id, ret);
}

static int compare_known(const void *a, const void *b)
{
	const struct known_facts *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void free_known(void *p)
{
	struct known_facts *k = p;

	ohc_facts_clear(&k->facts);
	free(k);
}

static const struct ohc_facts *decode(struct image_files *im, const struct ohc_file *file)
{
	struct known_facts wanted = { .id = file->id }, *k;
	struct known_facts **found = tfind(&wanted, &im->known, compare_known);

	if (found)
		return &(*found)->facts;
	k = ohc_xcalloc(1, sizeof(*k));
	k->id = file->id;
	ohc_facts_read(file->facts, file->n_facts, &k->facts);
	found = tsearch(k, &im->known, compare_known);
	if (!found) {
		free_known(k);
		return NULL;
	}
	return &(*found)->facts;
}

/* They stay where they are when others are added. */
static const struct ohc_facts *facts_of(struct image_files *im, const struct ohc_file *file)
{
	const struct ohc_facts *facts;

	pthread_mutex_lock(&im->lock);
	facts = decode(im, file);
	pthread_mutex_unlock(&im->lock);
	return facts;
}

static int image_elf(struct ohc_files *f, const struct ohc_files_place *place,
		     const struct ohc_elf **ret, struct ohc_error *err)
{
	struct image_files *im = OHC_CONTAINER_OF(f, struct image_files, files);
	const struct ohc_facts *facts;
	enum ohc_facts_kind kind;
	struct ohc_file file;

	get_file(im, place, &file);
	kind = ohc_facts_kind_of(file.facts, file.n_facts);
	if (kind == OHC_FACTS_NONE || kind == OHC_FACTS_TEXT)
		return 0;
	facts = facts_of(im, &file);
	if (facts && facts->kind == OHC_FACTS_DAMAGED)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is a damaged ELF file", place->path);
	if (facts && facts->kind == OHC_FACTS_HIDDEN)
		return OHC_FILES_HIDDEN;
	if (!facts || facts->kind != OHC_FACTS_ELF)
		return 0;
	*ret = &facts->elf;
	return 1;
}

static int image_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		      struct ohc_buf *ret, struct ohc_error *err)
{
	struct image_files *im = OHC_CONTAINER_OF(f, struct image_files, files);
	ohc_cleanup(ohc_facts_clear) struct ohc_facts facts = { .kind = OHC_FACTS_NONE };
	struct ohc_file file;
	const void *data;
	size_t n;

	(void)err;
	get_file(im, place, &file);
	if (!file.mode)
		return 0;
	data = file.data;
	n = file.n_data;
	if (!data) {
		ohc_facts_read(file.facts, file.n_facts, &facts);
		data = facts.text;
		n = facts.n_text;
		if (facts.kind != OHC_FACTS_NONE && facts.kind != OHC_FACTS_TEXT) {
			data = OHC_ELF_MAGIC;
			n = OHC_ELF_MAGIC_N;
		}
	}
	if (data)
		ohc_buf_add(ret, data, n < max ? n : max);
	return n >= max || n == file.size;
}

static void image_free(struct ohc_files *f)
{
	struct image_files *im = OHC_CONTAINER_OF(f, struct image_files, files);

	tdestroy(im->known, free_known);
	pthread_mutex_destroy(&im->lock);
	free(im);
}

struct ohc_files *ohc_files_image(const struct ohc_rootfs *fs)
{
	static const struct ohc_files_ops ops = { .find = image_find,
						  .walk = image_walk,
						  .elf = image_elf,
						  .read = image_read,
						  .free = image_free };
	struct image_files *im = ohc_xcalloc(1, sizeof(*im));

	im->files.ops = &ops;
	im->fs = fs;
	pthread_mutex_init(&im->lock, NULL);
	return &im->files;
}
