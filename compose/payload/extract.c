// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/extract.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/payload/memo.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/meter.h"
#include "layout/files/facts.h"
#include "layout/layer/fingerprint.h"

/* An index of more entries than a layer may have would be larger. */
#define INDEX_MAX (512u << 20)

struct ohc_extract *ohc_extract_new(const struct ohc_payload *p)
{
	struct ohc_extract *x = ohc_xcalloc(1, sizeof(*x));

	x->source = ohc_xstrdup(p->source);
	x->target = ohc_xstrdup(p->target);
	x->what = strcmp(p->source, "-") == 0 ? ohc_xstrdup("standard input")
					      : ohc_xasprintf("payload '%s'", p->source);
	return x;
}

void ohc_extract_free(struct ohc_extract *x)
{
	if (!x)
		return;
	ohc_spooled_free(x->taken);
	ohc_from_tar_clear(&x->tar);
	ohc_rootfs_free(x->fs);
	ohc_layer_index_clear(&x->index);
	free(x->identity);
	free(x->key);
	free(x->what);
	free(x->title);
	free(x->root);
	free(x->source);
	free(x->target);
	free(x);
}

static int prepare(void *ctx, struct ohc_error *err);

/* What it is, and so what its layer is remembered by, is known now. */
static void set_making(struct ohc_extract *x, const struct ohc_inputs *in)
{
	ohc_cleanup(ohc_freep) char *entries = ohc_xasprintf("%s %s", x->identity, x->target);

	x->in = in;
	x->title = ohc_xasprintf("payload %s", x->target);
	x->key = x->identity ? ohc_memo_key(in, entries) : NULL;
	x->layer = (struct ohc_from_rootfs_layer){ .tree = &x->tree,
						   .uid = in->uid,
						   .gid = in->gid,
						   .mtime = in->mtime,
						   .time = in->mtime_time };
	x->making = (struct ohc_making){ .title = x->title,
					 .what = x->what,
					 .key = x->key,
					 .prepare = prepare,
					 .write = ohc_from_rootfs_write,
					 .ctx = &x->layer,
					 .task = &x->layer.task,
					 .files = &x->layer.files,
					 .bytes = &x->read };
}

/* --- tars --- */

static int open_tar(const struct ohc_extract *x, struct ohc_error *err)
{
	bool from_stdin = strcmp(x->source, "-") == 0;
	int fd = from_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			    : open(x->source, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? ohc_error_sys(err, "cannot open %s", x->what) : fd;
}

static int read_tar(struct ohc_extract *x, struct ohc_source *src, int64_t size,
		    struct ohc_error *err)
{
	const struct ohc_tar_input input = { .src = src,
					     .what = x->what,
					     .size = size,
					     .prefix = x->target,
					     .hook = &ohc_facts_hook };
	int rc;

	ohc_from_tar_clear(&x->tar);
	rc = ohc_from_tar_read(&input, &x->tar, err);
	if (rc == 0 && !x->fs)
		rc = ohc_from_rootfs_index(&x->tar.tree, x->in->uid, x->in->gid, &x->index, err);
	if (rc < 0)
		return rc;
	x->read = ohc_spooled_bytes(x->tar.taken);
	x->tree = x->tar.tree;
	x->layer.taken = x->tar.taken;
	return 0;
}

/* What is read must be what the fingerprint tells of. */
static int check_unchanged(const struct ohc_extract *x, int fd, const char *before,
			   struct ohc_error *err)
{
	char after[OHC_DIGEST_MAX];
	bool settled;
	int rc = ohc_fingerprint_file(fd, after, &settled, err);
	struct stat st;

	if (rc < 0 || strcmp(after, before) == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return rc;
	return ohc_error_set(err, OHC_E_FAILED,
			     "%s changed while it was read: nothing was written, try again when it "
			     "is at rest",
			     x->what);
}

static int read_fd(struct ohc_extract *x, int fd, const char *print, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL, *metered = NULL;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), rc;
	struct ohc_task *task;
	struct stat st;
	int64_t size;

	if (own < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open %s", x->what);
	size = S_ISREG(st.st_mode) ? st.st_size : -1;
	src = ohc_source_fd(own, x->source);
	task = ohc_task_begin(x->in->options->report, "read", x->what,
			      size < 0 ? 0 : (uint64_t)size);
	metered = ohc_meter_source(src, task);
	rc = read_tar(x, metered, size, err);
	if (rc == 0)
		rc = check_unchanged(x, fd, print, err);
	ohc_task_end(task, rc < 0 ? NULL : "spooled");
	return rc;
}

static char *index_key(const struct ohc_extract *x)
{
	return ohc_xasprintf(OHC_LAYER_INDEX_VERSION " %s %s %u:%u %s", ohc_facts_hook.version,
			     x->identity, x->in->uid, x->in->gid, x->target);
}

static bool recall(struct ohc_extract *x)
{
	ohc_cleanup(ohc_freep) char *key = index_key(x);
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	struct ohc_buf *index = &x->index.bytes;

	if (ohc_cache_get(x->in->options->cache, OHC_CACHE_TARS, key, INDEX_MAX, index) &&
	    ohc_rootfs_apply(fs, ohc_buf_str(index), index->len, x->what, NULL) == 0) {
		x->fs = ohc_take(fs);
		return true;
	}
	ohc_layer_index_clear(&x->index);
	return false;
}

static void remember(const struct ohc_extract *x)
{
	ohc_cleanup(ohc_freep) char *key = index_key(x);

	ohc_cache_put(x->in->options->cache, OHC_CACHE_TARS, key, x->index.bytes.data,
		      x->index.bytes.len);
}

int ohc_extract_tar(struct ohc_extract *x, const struct ohc_inputs *in, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = -1;
	char print[OHC_DIGEST_MAX];
	bool settled;
	int rc;

	if (x->fs || x->tree.fs)
		return 0;
	fd = open_tar(x, err);
	rc = fd < 0 ? fd : ohc_fingerprint_file(fd, print, &settled, err);
	if (rc < 0)
		return rc;
	x->identity = settled ? ohc_xasprintf("tar %s", print) : NULL;
	set_making(x, in);
	if (x->identity && recall(x))
		return 0;
	rc = read_fd(x, fd, print, err);
	if (rc == 0 && x->identity)
		remember(x);
	return rc;
}

/* It was known by the cache, but its layer is nowhere. */
static int read_again(struct ohc_extract *x, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open_tar(x, err);
	ohc_cleanup(ohc_freep) char *now = NULL;
	char print[OHC_DIGEST_MAX];
	bool settled;
	int rc = fd < 0 ? fd : ohc_fingerprint_file(fd, print, &settled, err);

	if (rc < 0)
		return rc;
	now = ohc_xasprintf("tar %s", print);
	if (!x->identity || strcmp(now, x->identity) != 0)
		return ohc_error_set(err, OHC_E_FAILED, "%s has changed meanwhile: try again",
				     x->what);
	return read_fd(x, fd, print, err);
}

/* --- images --- */

int ohc_extract_image(struct ohc_extract *x, const struct ohc_inputs *in,
		      const struct ohc_rootfs *fs, struct ohc_store *store,
		      const struct ohc_manifest *m, struct ohc_error *err)
{
	int rc = ohc_from_rootfs_find(fs, x->target, "the image", &x->root, err);

	if (rc < 0)
		return rc;
	x->identity = ohc_xasprintf("image %s", m->self.digest);
	set_making(x, in);
	x->tree = (struct ohc_from_rootfs){
		.fs = fs, .root = x->root, .prefix = x->target, .what = "the image"
	};
	x->layers = (struct ohc_from_rootfs_layers){
		.store = store, .v = m->layers, .n = m->n_layers, .report = in->options->report
	};
	return 0;
}

static int read_image(struct ohc_extract *x, struct ohc_error *err)
{
	int rc;

	ohc_spooled_free(x->taken);
	x->taken = ohc_spooled_new();
	rc = ohc_from_rootfs_take(&x->tree, &x->layers, x->taken, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s", x->what);
	x->layer.taken = x->taken;
	return 0;
}

/* --- both --- */

bool ohc_extract_has(const struct ohc_extract *x, const char *path)
{
	const struct ohc_from_rootfs *t = &x->tree;
	ohc_cleanup(ohc_freep) char *there = NULL;
	struct ohc_rootfs_place place;
	bool has;

	if (t->fs)
		there = ohc_xasprintf("%s%s", strcmp(t->root, "/") == 0 ? "" : t->root,
				      path + strlen(x->target));
	ohc_rootfs_find(t->fs ? t->fs : x->fs, there ? there : path, OHC_NOFOLLOW, &place);
	has = place.found == OHC_FOUND && !S_ISDIR(place.file.mode);
	ohc_rootfs_place_clear(&place);
	return has;
}

/* The bytes are there before anybody waits for them: an upload that was begun would. */
static int prepare(void *ctx, struct ohc_error *err)
{
	struct ohc_extract *x =
		OHC_CONTAINER_OF((struct ohc_from_rootfs_layer *)ctx, struct ohc_extract, layer);

	if (x->layer.taken)
		return 0;
	return x->root ? read_image(x, err) : read_again(x, err);
}

int ohc_extract_bundle(struct ohc_extract *x, struct ohc_assembly **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new(x->target, NULL);
	int rc = prepare(&x->layer, err);

	if (rc == 0)
		rc = ohc_from_rootfs_assembly(&x->tree, x->layer.taken, b, err);
	if (rc == 0)
		*ret = ohc_take(b);
	return rc;
}
