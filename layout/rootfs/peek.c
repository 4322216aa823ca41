// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/peek.h"

#include <stdatomic.h>
#include <string.h>

#include "core/alloc.h"
#include "core/meter.h"
#include "core/parallel.h"
#include "core/turns.h"

#define JOBS_DEFAULT 4

/* An index of more entries than a layer may have would be larger. */
#define INDEX_MAX (512u << 20)

struct ohc_peek {
	struct ohc_peek_options o;
	struct ohc_turns *reading; /* by digest */
};

/* The limit for the indexes of one image together, because all of them are in memory. */
#define INDEXES_MAX (96u << 20)

/* The layers of one image while they are read. */
struct wanted_layer {
	struct ohc_peek *peek;
	struct ohc_store *store;
	const struct ohc_descriptor *layers;
	struct ohc_buf *indexes;
	size_t *missing; /* which of them must be read */
	atomic_size_t bytes;
};

struct ohc_peek *ohc_peek_new(const struct ohc_peek_options *options)
{
	struct ohc_peek *p = ohc_xcalloc(1, sizeof(*p));

	p->o = *options;
	p->reading = ohc_turns_new();
	return p;
}

void ohc_peek_free(struct ohc_peek *p)
{
	if (!p)
		return;
	ohc_turns_free(p->reading);
	free(p);
}

void ohc_peek_freep(struct ohc_peek **p)
{
	ohc_peek_free(*p);
}

static char *key_by(const struct ohc_scan_hook *hook, const char *digest)
{
	return ohc_xasprintf(OHC_LAYER_INDEX_VERSION " %s %s", hook ? hook->version : "-", digest);
}

static char *key_of(const struct ohc_peek *p, const struct ohc_descriptor *d)
{
	return key_by(p->o.hook, d->digest);
}

static bool is_known(struct ohc_peek *p, const struct ohc_descriptor *d, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) char *key = key_of(p, d);

	if (!ohc_cache_get(p->o.cache, OHC_CACHE_LAYERS, key, INDEX_MAX, ret))
		return false;
	if (ohc_layer_index_is_sound(ohc_buf_str(ret), ret->len))
		return true;
	ohc_buf_clear(ret);
	return false;
}

bool ohc_peek_knows(struct ohc_peek *p, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf index = OHC_BUF_INIT;

	return is_known(p, d, &index);
}

static int scan_blob(struct ohc_peek *p, struct ohc_source *blob, const struct ohc_descriptor *d,
		     const struct ohc_layer_index *before, struct ohc_task *task,
		     struct ohc_layer_index *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *metered = ohc_meter_source(blob, task);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("layer %s", d->digest);
	const struct ohc_scan s = { .what = what,
				    .size = d->size,
				    .limits = p->o.limits,
				    .hook = p->o.hook,
				    .before = before };

	return ohc_scan_layer(metered, &s, ret, err);
}

/* before is the index of the previous pass, or NULL. */
static int scan_once(struct ohc_peek *p, struct ohc_store *store, const struct ohc_descriptor *d,
		     const struct ohc_layer_index *before, struct ohc_layer_index *ret,
		     struct ohc_error *err)
{
	char title[OHC_DIGEST_SHORT + 16], digest[OHC_DIGEST_SHORT];
	ohc_cleanup(ohc_source_closep) struct ohc_source *blob = NULL;
	struct ohc_task *task;
	int rc = ohc_store_open_blob(store, d, &blob, err);

	if (rc < 0) /* nothing of it was read */
		return rc;
	snprintf(title, sizeof(title), "layer %s", ohc_digest_short(d->digest, digest));
	task = ohc_task_begin(p->o.report, before ? "read again" : "read", title,
			      (uint64_t)d->size);
	rc = scan_blob(p, blob, d, before, task, ret, err);
	ohc_task_end(task, rc < 0 ? NULL : "known");
	return rc;
}

static int scan(struct ohc_peek *p, struct ohc_store *store, const struct ohc_descriptor *d,
		struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key = key_of(p, d);
	ohc_cleanup(ohc_layer_index_clear) struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	int rc = scan_once(p, store, d, NULL, &index, err);

	/* Rare: it needs a large program whose parts were found to be wanted only after they had
	 * passed. */
	for (int times = 1; rc == 0 && index.unfinished && times < OHC_SCAN_TIMES; times++) {
		struct ohc_layer_index again = OHC_LAYER_INDEX_INIT;

		rc = scan_once(p, store, d, &index, &again, err);
		if (rc < 0)
			break;
		ohc_layer_index_clear(&index);
		index = again;
	}
	if (rc < 0)
		return rc;
	ohc_cache_put(p->o.cache, OHC_CACHE_LAYERS, key, ohc_buf_str(&index.bytes),
		      index.bytes.len);
	*ret = index.bytes;
	index.bytes = (struct ohc_buf)OHC_BUF_INIT;
	return 0;
}

static int check_bytes(const struct wanted_layer *w, size_t bytes, struct ohc_error *err)
{
	if (bytes <= INDEXES_MAX)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "the layers of '%s' have paths that are together more than the limit "
			     "of %u bytes",
			     w->store->name, INDEXES_MAX);
}

static int read_layer(struct wanted_layer *w, size_t i, struct ohc_error *err)
{
	const struct ohc_descriptor *d = &w->layers[i];
	struct ohc_peek *p = w->peek;
	int rc = 0;

	if (ohc_media_is_foreign(d->media_type))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "layer %s is one that registries do not hold ('%s'): what is "
				     "in it cannot be known",
				     d->digest, d->media_type);
	ohc_turns_begin(p->reading, d->digest);
	/* The thread that was waited for may have put it into the cache. */
	if (!is_known(p, d, &w->indexes[i]))
		rc = scan(p, w->store, d, &w->indexes[i], err);
	ohc_turns_end(p->reading, d->digest);
	if (rc < 0)
		return rc;
	return check_bytes(w, atomic_fetch_add(&w->bytes, w->indexes[i].len) + w->indexes[i].len,
			   err);
}

static int read_missing(void *ctx, size_t i, struct ohc_error *err)
{
	struct wanted_layer *w = ctx;

	return read_layer(w, w->missing[i], err);
}

/* The lower layer of the image that is the same one; i where there is none. */
static size_t first_of(const struct wanted_layer *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(w->layers[k].digest, w->layers[i].digest) == 0)
			return k;
	return i;
}

static int get_indexes(struct wanted_layer *w, size_t n, struct ohc_error *err)
{
	size_t n_missing = 0, jobs = w->peek->o.jobs ? w->peek->o.jobs : JOBS_DEFAULT;

	for (size_t i = 0; i < n; i++)
		if (first_of(w, i) == i && !is_known(w->peek, &w->layers[i], &w->indexes[i]))
			w->missing[n_missing++] = i;
	ohc_report_say(w->peek->o.report, OHC_VERBOSE,
		       "peek: %zu of %zu layers of '%s' must be read", n_missing, n,
		       w->store ? w->store->name : "scratch");
	if (n_missing == 0)
		return 0;
	return ohc_parallel(n_missing, w->store->serial ? 1 : jobs, read_missing, w, err);
}

static int give(const struct wanted_layer *w, size_t n, ohc_peek_fn fn, void *ctx,
		struct ohc_error *err)
{
	size_t bytes = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("layer %s", w->layers[i].digest);
		const struct ohc_buf *b = &w->indexes[first_of(w, i)];

		/* One layer may be there a thousand times. */
		bytes += b->len;
		rc = check_bytes(w, bytes, err);
		if (rc == 0)
			rc = fn(ctx, ohc_buf_str(b), b->len, what, err);
	}
	return rc;
}

int ohc_peek_each(struct ohc_peek *p, struct ohc_store *store, const struct ohc_descriptor *layers,
		  size_t n, ohc_peek_fn fn, void *ctx, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_buf *indexes = ohc_xcalloc(n, sizeof(*indexes));
	ohc_cleanup(ohc_freep) size_t *missing = ohc_xcalloc(n, sizeof(*missing));
	struct wanted_layer w = {
		.peek = p, .store = store, .layers = layers, .indexes = indexes, .missing = missing
	};
	int rc = get_indexes(&w, n, err);

	if (rc == 0)
		rc = give(&w, n, fn, ctx, err);
	for (size_t i = 0; i < n; i++)
		ohc_buf_clear(&indexes[i]);
	return rc;
}

static int apply(void *ctx, const void *index, size_t n, const char *what, struct ohc_error *err)
{
	return ohc_rootfs_apply(ctx, index, n, what, err);
}

int ohc_peek_layers(struct ohc_peek *p, struct ohc_store *store,
		    const struct ohc_descriptor *layers, size_t n, struct ohc_rootfs **ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	int rc = ohc_peek_each(p, store, layers, n, apply, fs, err);

	if (rc == 0)
		*ret = ohc_take(fs);
	return rc;
}

void ohc_peek_keep(struct ohc_cache *cache, const struct ohc_scan_hook *hook, const char *digest,
		   const struct ohc_layer_index *index)
{
	ohc_cleanup(ohc_freep) char *key = key_by(hook, digest);

	if (index->bytes.len && !index->unfinished)
		ohc_cache_put(cache, OHC_CACHE_LAYERS, key, index->bytes.data, index->bytes.len);
}
