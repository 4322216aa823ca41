// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/of_tar.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/payload/extract_internal.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/meter.h"
#include "core/stamp.h"
#include "layout/files/facts.h"
#include "layout/layer/fingerprint.h"
#include "layout/layer/from_tar.h"

#define NAMESPACE "tar-index"
/* An index of more entries than a layer may have would be larger. */
#define INDEX_MAX (512u << 20)

struct tar_payload {
	struct ohc_payload payload;
	char *what; /* in messages */
	bool ready;
	char *identity;               /* NULL: nothing of it may be cached */
	struct ohc_layer_index index; /* of the layer that it will be */
	struct ohc_from_tar tar;      /* the tar, once it was read; its tree for the layer alone */
	struct ohc_extract extract;
};

static struct tar_payload *tar_of(struct ohc_payload *p)
{
	return OHC_CONTAINER_OF(p, struct tar_payload, payload);
}

static int open_tar(const struct tar_payload *t, struct ohc_error *err)
{
	const char *source = t->payload.source;
	int fd = strcmp(source, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					  : open(source, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? ohc_error_sys(err, "cannot open %s", t->what) : fd;
}

static int read_source(struct tar_payload *t, struct ohc_source *src, int64_t size,
		       struct ohc_error *err)
{
	const struct ohc_payload *p = &t->payload;
	const struct ohc_tar_input input = { .src = src,
					     .what = t->what,
					     .size = size,
					     .prefix = p->target,
					     .hook = &ohc_facts_hook,
					     .limits = p->rules->limits };
	int rc;

	ohc_from_tar_clear(&t->tar);
	rc = ohc_from_tar_read(&input, &t->tar, err);
	ohc_layer_index_clear(&t->index);
	if (rc == 0)
		rc = ohc_from_tar_index(&t->tar, p->rules->uid, p->rules->gid, &t->index, err);
	return rc;
}

/* Checks that the tar did not change while it was read. */
static int check_unchanged(const struct tar_payload *t, int fd, const char *before,
			   struct ohc_error *err)
{
	char after[OHC_DIGEST_MAX];
	bool settled;
	int rc = ohc_fingerprint_file(fd, after, &settled, err);
	struct stat st;

	if (rc < 0 || strcmp(after, before) == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return rc;
	return ohc_stamp_changed(err, "%s", t->what);
}

static int read_fd(struct tar_payload *t, int fd, const char *print, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL, *metered = NULL;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), rc;
	struct ohc_task *task;
	struct stat st;
	int64_t size;

	if (own < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open %s", t->what);
	size = S_ISREG(st.st_mode) ? st.st_size : -1;
	src = ohc_source_fd(own, t->payload.source);
	task = ohc_task_begin(t->payload.rules->report, "read", t->what,
			      size < 0 ? 0 : (uint64_t)size);
	metered = ohc_meter_source(src, task);
	rc = read_source(t, metered, size, err);
	if (rc == 0)
		rc = check_unchanged(t, fd, print, err);
	ohc_task_end(task, rc < 0 ? NULL : "spooled");
	return rc;
}

static char *index_key(const struct tar_payload *t)
{
	const struct ohc_making_rules *rules = t->payload.rules;

	return ohc_xasprintf(OHC_LAYER_INDEX_VERSION " %s %s %u:%u %s", ohc_facts_hook.version,
			     t->identity, rules->uid, rules->gid, t->payload.target);
}

static bool recall(struct tar_payload *t)
{
	ohc_cleanup(ohc_freep) char *key = index_key(t);
	struct ohc_buf *index = &t->index.bytes;

	if (ohc_cache_get(t->payload.rules->cache, NAMESPACE, key, INDEX_MAX, index) &&
	    ohc_layer_index_is_sound(ohc_buf_str(index), index->len))
		return true;
	ohc_layer_index_clear(&t->index);
	return false;
}

static void remember(const struct tar_payload *t)
{
	ohc_cleanup(ohc_freep) char *key = index_key(t);

	ohc_cache_put(t->payload.rules->cache, NAMESPACE, key, t->index.bytes.data,
		      t->index.bytes.len);
}

/* Reads the tar whose index the cache had, because its layer was not found. */
static int read_again(struct tar_payload *t, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open_tar(t, err);
	ohc_cleanup(ohc_freep) char *now = NULL;
	char print[OHC_DIGEST_MAX];
	bool settled;
	int rc = fd < 0 ? fd : ohc_fingerprint_file(fd, print, &settled, err);

	if (rc < 0)
		return rc;
	now = ohc_xasprintf("tar %s", print);
	if (!t->identity || strcmp(now, t->identity) != 0)
		return ohc_error_set(err, OHC_E_FAILED, "%s has changed meanwhile: try again",
				     t->what);
	return read_fd(t, fd, print, err);
}

static int read_bytes(struct ohc_extract *x, struct ohc_error *err)
{
	struct tar_payload *t = OHC_CONTAINER_OF(x, struct tar_payload, extract);
	int rc = t->tar.spooled ? 0 : read_again(t, err);

	if (rc == 0)
		rc = ohc_from_tar_tree(&t->tar, &t->index, err);
	if (rc < 0)
		return rc;
	x->tree = t->tar.tree;
	x->bytes = ohc_spooled_bytes(t->tar.spooled);
	x->layer.spooled = t->tar.spooled;
	return 0;
}

static int tar_ready(struct ohc_payload *p, struct ohc_error *err)
{
	struct tar_payload *t = tar_of(p);
	ohc_cleanup(ohc_closep) int fd = t->ready ? -1 : open_tar(t, err);
	char print[OHC_DIGEST_MAX];
	bool settled;
	int rc;

	if (t->ready)
		return 0;
	rc = fd < 0 ? fd : ohc_fingerprint_file(fd, print, &settled, err);
	if (rc < 0)
		return rc;
	t->identity = settled ? ohc_xasprintf("tar %s", print) : NULL;
	ohc_extract_init(&t->extract, p, t->what, t->identity, read_bytes);
	if (!t->identity || !recall(t)) {
		rc = read_fd(t, fd, print, err);
		if (rc == 0 && t->identity)
			remember(t);
	}
	t->ready = rc == 0;
	return rc;
}

static const char *tar_identity(struct ohc_payload *p)
{
	return tar_of(p)->identity;
}

static int tar_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	*ret = &tar_of(p)->index.bytes;
	return tar_ready(p, err);
}

static bool tar_has(struct ohc_payload *p, const char *path)
{
	const struct tar_payload *t = tar_of(p);
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct ohc_layer_entry e;

	ohc_layer_index_iter_start(it, ohc_buf_str(&t->index.bytes), t->index.bytes.len, t->what);
	while (ohc_layer_index_iter_next(it, &e, NULL) > 0)
		if (strcmp(e.path, path + 1) == 0)
			return !S_ISDIR(e.mode);
	return false;
}

static void tar_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	ohc_parts_add_making(parts, "payload", &tar_of(p)->extract.making);
}

static int tar_assembly(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err)
{
	return ohc_extract_assembly(&tar_of(p)->extract, ret, err);
}

static void tar_free(struct ohc_payload *p)
{
	struct tar_payload *t = tar_of(p);

	ohc_extract_clear(&t->extract);
	ohc_from_tar_clear(&t->tar);
	ohc_layer_index_clear(&t->index);
	free(t->identity);
	free(t->what);
	free(t);
}

struct ohc_payload *ohc_payload_of_tar(const struct ohc_payload_spec *spec,
				       const struct ohc_making_rules *rules)
{
	static const struct ohc_payload_ops ops = { .ready = tar_ready,
						    .identity = tar_identity,
						    .entries = tar_entries,
						    .has = tar_has,
						    .add_parts = tar_add_parts,
						    .assembly = tar_assembly,
						    .free = tar_free };
	struct tar_payload *t = ohc_xcalloc(1, sizeof(*t));

	ohc_payload_init(&t->payload, &ops, spec, rules);
	t->what = strcmp(spec->source, "-") == 0 ? ohc_xstrdup("standard input")
						 : ohc_xasprintf("payload '%s'", spec->source);
	return &t->payload;
}
