// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/of_image.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/payload/extract_internal.h"
#include "compose/payload/tree_internal.h"
#include "core/alloc.h"
#include "core/path.h"
#include "layout/sbom/of_image.h"

#define ONLY         "payload-only"
#define ONLY_VERSION "1"

struct image_payload {
	struct ohc_payload payload;
	const struct ohc_name *name;
	struct ohc_peek *peek;
	struct ohc_payload_image image;
	bool borrowed; /* the store is the source's */
	struct ohc_payload_label label;
	struct ohc_rootfs *fs; /* NULL: only the label is known, or: */
	bool waits;            /* its tree is as expected, and not put together yet */
	bool slim;             /* it is made again of the index where it is wanted */
	bool extracts;         /* its layers are not used as they are: … */
	struct ohc_extract extract;
	char *root; /* … the part of fs below this path becomes one layer */
	struct ohc_from_rootfs_layers layers;
	struct ohc_spooled *spooled;
	bool indexed;
	struct ohc_layer_index index;
	char *identity, *what;
};

static struct image_payload *image_of(struct ohc_payload *p)
{
	return OHC_CONTAINER_OF(p, struct image_payload, payload);
}

/* --- what it is --- */

/* Uses the image that was read already, if that was for this platform. */
static bool borrow(const struct ohc_payload_image *read, const struct ohc_platform *want,
		   struct image_payload *im)
{
	if (!read->store || memcmp(&read->loaded.platform, want, sizeof(*want)) != 0)
		return false;
	im->borrowed = true;
	im->image.store = read->store;
	ohc_load_share(&read->loaded, &im->image.loaded);
	return true;
}

static int load(struct image_payload *im, const struct ohc_payload_opener *o,
		const struct ohc_payload_source *s, const struct ohc_platform *want, bool given,
		struct ohc_error *err)
{
	struct ohc_payload *p = &im->payload;
	int rc = 0;

	if (!borrow(&s->read, want, im)) {
		rc = ohc_transports_open(o->transports, im->name, OHC_USE_SOURCE, &im->image.store,
					 err);
		if (rc == 0)
			rc = ohc_transports_load(o->transports, im->image.store,
						 s->kept ? s->kept->says->manifest
							 : ohc_name_ref(im->name),
						 p->source, want, given, &im->image.loaded, err);
	}
	if (rc < 0)
		return rc;
	p->store = im->image.store;
	p->image = &im->image.loaded;
	if (ohc_payload_label_read(p->image->config, &im->label) &&
	    strcmp(im->label.prefix, p->target) == 0)
		p->label = &im->label;
	return 0;
}

/* Lays its layers over one another and looks at each, because a whiteout in one may hide something
 * of the base. */
struct looking {
	const char *target;
	struct ohc_rootfs *fs;
	bool more; /* holds more than the target */
};

static int look_at_layer(void *ctx, const void *index, size_t n, const char *what,
			 struct ohc_error *err)
{
	struct looking *l = ctx;
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct ohc_layer_entry e;
	int rc;

	ohc_layer_index_iter_start(it, index, n, what);
	while ((rc = ohc_layer_index_iter_next(it, &e, err)) > 0)
		l->more |= !ohc_path_is_in(e.path, l->target + 1);
	return rc < 0 ? rc : ohc_rootfs_apply(l->fs, index, n, what, err);
}

/* An entry may lie elsewhere than its path says, behind a symlink. */
static int find_stray(void *ctx, const char *path, const struct ohc_file *file)
{
	struct looking *l = ctx;

	l->more |= !file->implied && !ohc_path_is_in(path, l->target);
	return l->more;
}

static int look(struct image_payload *im, bool *ret_more, struct ohc_error *err)
{
	struct ohc_payload *p = &im->payload;
	const struct ohc_manifest *m = &p->image->manifest;
	struct looking l = { .target = p->target, .fs = ohc_rootfs_new() };
	int rc = ohc_peek_each(im->peek, p->store, m->layers, m->n_layers, look_at_layer, &l, err);

	im->fs = l.fs;
	if (rc < 0)
		return rc;
	if (!l.more)
		ohc_rootfs_walk(l.fs, "/", find_stray, &l);
	*ret_more = l.more || m->n_layers == 0;
	p->tree = *ret_more ? NULL : im->fs;
	return 0;
}

/* That an image holds nothing but the target is remembered by its layers, so that they need not be
 * put together to know that they can be used as they are. */
static char *only_key(const struct image_payload *im)
{
	const struct ohc_manifest *m = &im->payload.image->manifest;
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_addf(&b, ONLY_VERSION " %s %s", OHC_LAYER_INDEX_VERSION, im->payload.target);
	for (size_t i = 0; i < m->n_layers; i++)
		ohc_buf_addf(&b, " %s", m->layers[i].digest);
	return ohc_buf_detach(&b);
}

static bool is_known_only(const struct image_payload *im)
{
	ohc_cleanup(ohc_freep) char *key = only_key(im);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf mark = OHC_BUF_INIT;
	struct ohc_cache *cache = im->payload.rules->cache;

	return cache && ohc_cache_get(cache, ONLY, key, 16, &mark);
}

static void keep_only(const struct image_payload *im)
{
	ohc_cleanup(ohc_freep) char *key = only_key(im);

	if (im->payload.rules->cache)
		ohc_cache_put(im->payload.rules->cache, ONLY, key, "only", 4);
}

/* Looks at it, or puts that off until its tree is wanted. */
static int look_or_wait(struct image_payload *im, bool *ret_more, struct ohc_error *err)
{
	int rc;

	*ret_more = false;
	im->waits = is_known_only(im);
	rc = im->waits ? 0 : look(im, ret_more, err);
	if (rc == 0 && !im->waits && !*ret_more)
		keep_only(im);
	return rc;
}

/* The layers need not be looked through once more: only their tree is wanted. */
static int image_ready(struct ohc_payload *p, struct ohc_error *err)
{
	struct image_payload *im = image_of(p);
	const struct ohc_manifest *m = &p->image->manifest;
	int rc;

	if (!im->waits)
		return 0;
	im->waits = false;
	rc = ohc_peek_layers(im->peek, p->store, m->layers, m->n_layers, &im->fs, err);
	p->tree = im->fs;
	return rc;
}

/* --- as one layer --- */

static int read_layers(struct ohc_extract *x, struct ohc_error *err)
{
	struct image_payload *im = OHC_CONTAINER_OF(x, struct image_payload, extract);
	int rc;

	ohc_spooled_free(im->spooled);
	im->spooled = ohc_spooled_new();
	rc = ohc_from_rootfs_take(&x->tree, &im->layers, im->spooled, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s", im->what);
	x->layer.spooled = im->spooled;
	return 0;
}

/* OHC_E_NOT_FOUND: it has no such directory. */
static int extract(struct image_payload *im, struct ohc_error *err)
{
	const struct ohc_payload *p = &im->payload;
	const struct ohc_manifest *m = &p->image->manifest;
	ohc_cleanup(ohc_freep) char *identity = ohc_xasprintf("image %s", m->self.digest);
	int rc = ohc_from_rootfs_find(im->fs, p->target, "the image", &im->root, err);

	if (rc < 0)
		return rc;
	ohc_extract_init(&im->extract, p, im->what, identity, read_layers);
	im->extracts = true;
	im->extract.tree = (struct ohc_from_rootfs){
		.fs = im->fs, .root = im->root, .prefix = p->target, .what = "the image"
	};
	im->layers = (struct ohc_from_rootfs_layers){
		.store = p->store,
		.v = m->layers,
		.n = m->n_layers,
		.limits = p->rules->limits,
		.report = p->rules->report,
	};
	return 0;
}

/* --- what can be asked --- */

/* The layers that its entries are read from. */
static const char *image_identity(struct ohc_payload *p)
{
	struct image_payload *im = image_of(p);
	const struct ohc_manifest *m = &p->image->manifest;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (im->identity)
		return im->identity;
	ohc_buf_addf(&b, "image %s %s", p->label ? "labelled" : "-", p->unread ? "unread" : "-");
	for (size_t i = 0; i < m->n_layers; i++)
		ohc_buf_addf(&b, " %s", m->layers[i].digest);
	ohc_buf_addf(&b, " %s", m->config.digest);
	return im->identity = ohc_buf_detach(&b);
}

/* Tells the entries that its label names: its prefix, and the files that it provides. */
static void add_provided(struct image_payload *im)
{
	const struct ohc_making_rules *rules = im->payload.rules;
	const struct ohc_payload_label *label = &im->label;
	struct ohc_layer_entry e = { .path = label->prefix + 1,
				     .mode = S_IFDIR | 0755,
				     .uid = label->owned ? label->uid : rules->uid,
				     .gid = label->owned ? label->gid : rules->gid };

	ohc_layer_index_add(&im->index, &e);
	e.mode = S_IFREG | 0755;
	for (size_t i = 0; i < label->provides.n; i++) {
		e.path = label->provides.v[i] + 1;
		ohc_layer_index_add(&im->index, &e);
	}
}

static int image_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	struct image_payload *im = image_of(p);
	int rc = 0;

	*ret = &im->index.bytes;
	if (im->indexed)
		return 0;
	rc = image_ready(p, err);
	if (rc < 0)
		return rc;
	if (im->extracts)
		rc = ohc_from_rootfs_index(&im->extract.tree, p->rules->uid, p->rules->gid,
					   &im->index, NULL, err);
	else if (im->fs)
		ohc_payload_tree_index(im->fs, &im->index);
	else
		add_provided(im);
	im->indexed = rc == 0;
	return rc;
}

/* Reads the layers, for which its label was enough until now. */
static int read_now(struct image_payload *im, struct ohc_error *err)
{
	bool more = false;
	int rc = im->payload.unread ? look(im, &more, err) : 0;

	if (rc < 0 || !im->payload.unread)
		return rc;
	im->payload.unread = im->indexed = false;
	ohc_layer_index_clear(&im->index);
	free(ohc_take(im->identity));
	return more ? extract(im, err) : 0;
}

static void image_slim(struct ohc_payload *p)
{
	struct image_payload *im = image_of(p);

	if (im->extracts || !im->indexed || !im->fs)
		return;
	ohc_rootfs_free(im->fs);
	im->fs = NULL;
	p->tree = NULL;
	im->slim = true;
}

static const struct ohc_rootfs *tree_of(struct image_payload *im)
{
	const struct ohc_buf *index = &im->index.bytes;

	if (!im->slim)
		return im->fs;
	im->slim = false;
	im->fs = ohc_rootfs_new();
	if (ohc_rootfs_apply(im->fs, ohc_buf_str(index), index->len, im->what, NULL) < 0)
		abort(); /* it is of a tree that was there */
	return im->fs;
}

static int image_walk(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx, struct ohc_error *err)
{
	struct image_payload *im = image_of(p);
	int rc = image_ready(p, err);

	if (rc == 0)
		rc = read_now(im, err);
	if (rc == 0 && im->extracts)
		return ohc_payload_walk_index(p, fn, ctx, err);
	return rc < 0 ? rc : ohc_payload_tree_walk(tree_of(im), p->target, fn, ctx);
}

static bool image_has(struct ohc_payload *p, const char *path)
{
	struct image_payload *im = image_of(p);
	const struct ohc_rootfs *fs;

	if (im->extracts)
		return ohc_extract_has(&im->extract, path);
	fs = tree_of(im);
	return fs ? ohc_extract_tree_has(fs, path) : ohc_strv_has(&im->label.provides, path);
}

static void image_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	const struct image_payload *im = image_of(p);

	if (im->extracts)
		ohc_parts_add_making(parts, "payload", &im->extract.making);
	else
		ohc_parts_add_image(parts, "payload", p->image, p->store, im->name);
}

static int image_assembly(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err)
{
	struct image_payload *im = image_of(p);

	if (!im->extracts)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "the layers of '%s' are used as they are", p->source);
	return ohc_extract_assembly(&im->extract, ret, err);
}

static bool image_has_packages(struct ohc_payload *p)
{
	const struct image_payload *im = image_of(p);

	return im->extracts && ohc_sbom_image_has_packages(im->fs, im->root);
}

static int image_root(struct ohc_payload *p, struct ohc_files **ret, const char **ret_at,
		      struct ohc_error *err)
{
	struct image_payload *im = image_of(p);
	int rc = ohc_sbom_image_root(im->fs, &im->layers, ret, err);

	*ret_at = im->root;
	return rc < 0 ? ohc_error_wrap(err, rc, "%s", im->what) : 0;
}

static void image_free(struct ohc_payload *p)
{
	struct image_payload *im = image_of(p);

	ohc_spooled_free(im->spooled);
	ohc_extract_clear(&im->extract);
	ohc_layer_index_clear(&im->index);
	ohc_payload_label_clear(&im->label);
	ohc_load_clear(&im->image.loaded);
	ohc_rootfs_free(im->fs);
	if (!im->borrowed)
		ohc_store_close(im->image.store);
	free(im->root);
	free(im->identity);
	free(im->what);
	free(im);
}

static struct image_payload *image_new(const struct ohc_payload_opener *o,
				       const struct ohc_payload_spec *spec)
{
	static const struct ohc_payload_ops ops = { .ready = image_ready,
						    .identity = image_identity,
						    .entries = image_entries,
						    .walk = image_walk,
						    .has = image_has,
						    .slim = image_slim,
						    .add_parts = image_add_parts,
						    .assembly = image_assembly,
						    .has_packages = image_has_packages,
						    .root = image_root,
						    .free = image_free };
	struct image_payload *im = ohc_xcalloc(1, sizeof(*im));

	ohc_payload_init(&im->payload, &ops, spec, o->rules);
	im->name = &spec->image;
	im->peek = o->peek;
	im->what = ohc_xasprintf("payload '%s'", spec->source);
	return im;
}

/* The libc in a label is the least that the payload needs: the label names no libraries. */
static bool is_enough(const struct ohc_payload_label *label, enum ohc_payload_look look)
{
	if (!label || look > OHC_PAYLOAD_ALONE)
		return false;
	return look == OHC_PAYLOAD_TRUST || label->libc == OHC_PAYLOAD_OWN ||
	       label->libc == OHC_PAYLOAD_NONE;
}

int ohc_payload_of_image(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
			 const struct ohc_platform *want, bool given, struct ohc_payload **ret,
			 struct ohc_error *err)
{
	struct image_payload *im = image_new(o, &s->spec);
	struct ohc_payload *p = &im->payload;
	bool more = false;
	int rc = load(im, o, s, want, given, err);

	p->unread = rc == 0 && is_enough(p->label, o->look);
	if (rc == 0 && !p->unread)
		rc = o->look == OHC_PAYLOAD_EXTRACT ? look(im, &more, err)
						    : look_or_wait(im, &more, err);
	if (rc == 0 && more && o->look != OHC_PAYLOAD_EXTRACT)
		ohc_report_say(p->rules->report, OHC_VERBOSE,
			       "payload '%s' holds more than '%s': only that becomes a layer",
			       p->source, p->target);
	if (rc == 0 && (more || o->look == OHC_PAYLOAD_EXTRACT))
		rc = extract(im, err);
	if (rc == 0)
		*ret = p;
	else
		ohc_payload_free(p);
	return rc;
}
