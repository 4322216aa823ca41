// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/of_dir.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/layers/memo.h"
#include "core/alloc.h"
#include "core/stamp.h"
#include "layout/files/facts.h"
#include "layout/files/facts_of_dir.h"
#include "layout/layer/listing.h"

#define NAMESPACE "payload-index"
/* A listing of more bytes is not kept while the tree is in memory, too: it is read again. */
#define LISTING_KEPT (8u << 20)
/* Large enough for as many entries as a tree may have (OHC_ROOTFS_MAX). */
#define INDEX_MAX (256u << 20)

struct dir_payload {
	struct ohc_payload payload;
	bool listed, indexed;
	bool wanted;                /* the layer is made of the listing: it is kept until the end */
	struct ohc_listing listing; /* the listing of the one walk */
	char fingerprint[OHC_DIGEST_MAX]; /* of the first walk; "": there was none */
	bool settled;
	struct ohc_layer_index index;
	struct ohc_from_dir tree;
	struct ohc_making making;
	char *title, *what, *key;
};

static struct dir_payload *dir_of(struct ohc_payload *p)
{
	return OHC_CONTAINER_OF(p, struct dir_payload, payload);
}

/* Under the payload's lock. */
static int list(struct dir_payload *d, struct ohc_error *err)
{
	const char *source = d->payload.source;
	int rc = d->listed ? 0 : ohc_listing_read(source, &d->listing, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "payload '%s'", source);
	if (!d->listed && *d->fingerprint && strcmp(d->fingerprint, d->listing.fingerprint) != 0) {
		ohc_listing_clear(&d->listing);
		return ohc_stamp_changed(err, "payload '%s'", source);
	}
	if (!*d->fingerprint) {
		memcpy(d->fingerprint, d->listing.fingerprint, sizeof(d->fingerprint));
		d->settled = d->listing.settled;
	}
	d->listed = true;
	return 0;
}

/* Its index is there; another walk costs less than what a large listing takes. */
static void forget_listing(struct dir_payload *d)
{
	if (d->wanted || ohc_listing_size(&d->listing) <= LISTING_KEPT)
		return;
	ohc_listing_clear(&d->listing);
	d->listed = false;
}

/* A directory that cannot be read has no identity; the error shows when it is read. */
static const char *dir_identity(struct ohc_payload *p)
{
	struct dir_payload *d = dir_of(p);

	if (!ohc_making_remembers(p->rules) || (!*d->fingerprint && list(d, NULL) < 0))
		return NULL;
	return d->settled ? d->fingerprint : NULL;
}

static char *index_key(struct ohc_payload *p)
{
	const char *identity = dir_identity(p);

	return identity ? ohc_xasprintf("%s %s %s %u:%u %s", OHC_LAYER_INDEX_VERSION,
					ohc_facts_hook.version, identity, p->rules->uid,
					p->rules->gid, p->target)
			: NULL;
}

static bool recall_index(struct dir_payload *d, const char *key)
{
	struct ohc_buf *bytes = &d->index.bytes;

	if (!ohc_cache_get(d->payload.rules->cache, NAMESPACE, key, INDEX_MAX, bytes))
		return false;
	if (ohc_layer_index_is_sound(ohc_buf_str(bytes), bytes->len))
		return true;
	ohc_buf_clear(bytes);
	return false;
}

static int make_index(struct dir_payload *d, struct ohc_error *err)
{
	const struct ohc_payload *p = &d->payload;
	int rc = list(d, err);

	if (rc < 0)
		return rc;
	rc = ohc_facts_of_dir(p->source, &d->listing, p->target, p->rules->uid, p->rules->gid,
			      &d->index, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", p->source) : 0;
}

static int dir_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	struct dir_payload *d = dir_of(p);
	ohc_cleanup(ohc_freep) char *key = d->indexed ? NULL : index_key(p);
	int rc = 0;

	*ret = &d->index.bytes;
	if (d->indexed)
		return 0;
	if (!key || !recall_index(d, key)) {
		rc = make_index(d, err);
		if (rc == 0 && key)
			ohc_cache_put(p->rules->cache, NAMESPACE, key, d->index.bytes.data,
				      d->index.bytes.len);
	}
	d->indexed = rc == 0;
	if (rc == 0)
		forget_listing(d);
	return rc;
}

static bool dir_has(struct ohc_payload *p, const char *path)
{
	ohc_cleanup(ohc_freep) char *here =
		ohc_xasprintf("%s%s", p->source, path + strlen(p->target));
	struct stat st;

	return lstat(here, &st) == 0 && !S_ISDIR(st.st_mode);
}

static char *layer_key(struct ohc_payload *p)
{
	const char *identity = dir_identity(p);
	ohc_cleanup(ohc_freep) char *entries = NULL;

	if (!identity)
		return NULL;
	entries = ohc_xasprintf("%s %s", identity, p->target);
	return ohc_memo_key(p->rules, entries);
}

static int prepare(void *ctx, struct ohc_error *err)
{
	struct dir_payload *d =
		OHC_CONTAINER_OF((struct ohc_from_dir *)ctx, struct dir_payload, tree);
	int rc;

	pthread_mutex_lock(&d->payload.lock);
	d->wanted = true;
	rc = list(d, err);
	pthread_mutex_unlock(&d->payload.lock);
	return rc;
}

static void set_making(struct dir_payload *d)
{
	const struct ohc_payload *p = &d->payload;

	d->title = ohc_xasprintf("payload %s", p->target);
	d->what = ohc_xasprintf("payload '%s'", p->source);
	d->key = layer_key(&d->payload);
	d->tree = (struct ohc_from_dir){ .dir = p->source,
					 .prefix = p->target,
					 .uid = p->rules->uid,
					 .gid = p->rules->gid,
					 .mtime = p->rules->mtime,
					 .time = p->rules->time,
					 .listing = &d->listing,
					 .report = p->rules->report };
	d->making = (struct ohc_making){ .title = d->title,
					 .what = d->what,
					 .key = d->key,
					 .prepare = prepare,
					 .total = &d->listing.bytes,
					 .write = ohc_from_dir_write,
					 .ctx = &d->tree,
					 .task = &d->tree.task,
					 .files = &d->tree.files,
					 .bytes = &d->tree.bytes };
}

static void dir_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	struct dir_payload *d = dir_of(p);

	if (!d->title)
		set_making(d);
	ohc_parts_add_making(parts, "payload", &d->making);
}

static void dir_free(struct ohc_payload *p)
{
	struct dir_payload *d = dir_of(p);

	ohc_listing_clear(&d->listing);
	ohc_layer_index_clear(&d->index);
	free(d->title);
	free(d->what);
	free(d->key);
	free(d);
}

struct ohc_payload *ohc_payload_of_dir(const struct ohc_payload_spec *spec,
				       const struct ohc_making_rules *rules)
{
	static const struct ohc_payload_ops ops = { .identity = dir_identity,
						    .entries = dir_entries,
						    .has = dir_has,
						    .add_parts = dir_add_parts,
						    .free = dir_free };
	struct dir_payload *d = ohc_xcalloc(1, sizeof(*d));

	ohc_payload_init(&d->payload, &ops, spec, rules);
	return &d->payload;
}
