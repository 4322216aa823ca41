// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/from_rootfs_internal.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/meter.h"

/* Names in a message. */
#define NAMED_MAX 12

struct names {
	struct ohc_buf text;
	size_t n, dir; /* length of the directory's path */
};

static int name_child(void *ctx, const char *path, const struct ohc_file *file)
{
	struct names *k = ctx;

	(void)file;
	if (strchr(path + k->dir + 1, '/'))
		return 0;
	if (++k->n <= NAMED_MAX)
		ohc_buf_addf(&k->text, "%s'%s'", k->text.len ? ", " : "", path + k->dir + 1);
	return 0;
}

/* The deepest directory on the way that is there, and what is in it. */
static int not_there(const struct ohc_rootfs *fs, const char *path, const char *what,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrdup(path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf more = OHC_BUF_INIT;
	struct names k = { .n = 0 };
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

static int step(void *ctx, const char *path, const struct ohc_file *file)
{
	struct ohc_from_rootfs_walk *k = ctx;
	size_t root = strcmp(k->s->root, "/") == 0 ? 0 : strlen(k->s->root);

	ohc_buf_truncate(&k->path, 0);
	ohc_buf_addf(&k->path, "%s%s", k->s->prefix, path + root);
	if (k->path.len > OHC_TAR_PATH_MAX)
		return ohc_error_set(k->err, OHC_E_FORMAT,
				     "%s: '%.100s…' would become a path of more than %d bytes",
				     k->s->what, path, OHC_TAR_PATH_MAX);
	return k->fn(k, k->path.data, file);
}

int ohc_from_rootfs_walk(struct ohc_from_rootfs_walk *k)
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

const char *ohc_from_rootfs_first_name(struct ohc_from_rootfs_walk *k, const char *path,
				       const struct ohc_file *file)
{
	if (!file->shared || !S_ISREG(file->mode))
		return NULL;
	return ohc_hardlinks_add(&k->inodes, 0, file->id, path);
}

struct indexing {
	struct ohc_layer_index *index;
	uint32_t uid, gid;
};

static int add_to_index(struct ohc_from_rootfs_walk *k, const char *path,
			const struct ohc_file *file)
{
	struct indexing *x = k->ctx;
	const char *first = ohc_from_rootfs_first_name(k, path, file);
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
	ohc_layer_index_add(x->index, &e);
	return 0;
}

int ohc_from_rootfs_index(const struct ohc_from_rootfs *s, uint32_t uid, uint32_t gid,
			  struct ohc_layer_index *ret, struct ohc_error *err)
{
	struct indexing x = { ret, uid, gid };
	struct ohc_from_rootfs_walk k = { .s = s, .fn = add_to_index, .ctx = &x, .err = err };

	return ohc_from_rootfs_walk(&k);
}

static int want(struct ohc_from_rootfs_walk *k, const char *path, const struct ohc_file *file)
{
	if (!S_ISREG(file->mode) && !S_ISDIR(file->mode) && !S_ISLNK(file->mode))
		return ohc_error_set(k->err, OHC_E_UNSUPPORTED,
				     "%s: '%s' is a device or a FIFO, which no payload can have",
				     k->s->what, path);
	if (!file->implied)
		ohc_spooled_want(k->ctx, file->from, file->entry);
	return 0;
}

static int take_layer(const struct ohc_from_rootfs_layers *l, uint32_t i, struct ohc_spooled *taken,
		      struct ohc_error *err)
{
	const struct ohc_descriptor *d = &l->v[i];
	char title[OHC_DIGEST_SHORT + 16], digest[OHC_DIGEST_SHORT];
	ohc_cleanup(ohc_source_closep) struct ohc_source *blob = NULL, *metered = NULL;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("layer %s", d->digest);
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_scan scan = { .what = what, .size = d->size };
	struct ohc_task *task;
	int rc = ohc_store_open_blob(l->store, d, &blob, err);

	if (rc < 0)
		return rc;
	snprintf(title, sizeof(title), "layer %s", ohc_digest_short(d->digest, digest));
	task = ohc_task_begin(l->report, "extract", title, (uint64_t)d->size);
	metered = ohc_meter_source(blob, task);
	rc = ohc_spooled_read(taken, i, metered, &scan, &index, err);
	ohc_task_end(task, rc < 0 ? NULL : "read");
	ohc_layer_index_clear(&index);
	return rc;
}

int ohc_from_rootfs_take(const struct ohc_from_rootfs *s,
			 const struct ohc_from_rootfs_layers *layers, struct ohc_spooled *taken,
			 struct ohc_error *err)
{
	struct ohc_from_rootfs_walk k = { .s = s, .fn = want, .ctx = taken, .err = err };
	int rc = ohc_from_rootfs_walk(&k);

	for (uint32_t i = 0; rc == 0 && i < layers->n; i++)
		if (ohc_spooled_wants(taken, i))
			rc = take_layer(layers, i, taken, err);
	return rc;
}
