// SPDX-License-Identifier: Apache-2.0
#include "oci/store/store.h"

#include <string.h>

#include "core/alloc.h"
#include "core/turns.h"
#include "core/interrupt.h"
#include "core/meter.h"
#include "oci/documents/manifest.h"
#include "oci/documents/name.h"
#include "oci/store/documents.h"
#include "oci/store/held_tags.h"

/*
 * A source that counts and hashes what passes through it and holds it to what was promised.  It
 * does not own the source below unless `owned`.
 */
struct checked {
	struct ohc_source source;
	struct ohc_source *below;
	bool owned;
	struct ohc_hash *hash;
	struct ohc_descriptor *d; /* size and digest are set at the end where known is false */
	struct ohc_descriptor promised;
	bool known;
	const struct ohc_store_listener *listener; /* or NULL */
	bool ended;
	char digest[OHC_DIGEST_MAX]; /* once ended */
	int64_t count;
	const char *store_name;
	_Atomic uint64_t *stat;
};

static int wrong(struct checked *c, struct ohc_error *err, const char *digest)
{
	if (digest)
		return ohc_error_set(
			err, OHC_E_DIGEST,
			"blob %s in '%s' is not what its name promises: its digest is %s",
			c->promised.digest, c->store_name, digest);
	return ohc_error_set(
		err, OHC_E_DIGEST, "blob %s in '%s' has %s bytes than the %lld that were promised",
		c->promised.digest, c->store_name, c->count > c->promised.size ? "more" : "fewer",
		(long long)c->promised.size);
}

static void tell(const struct checked *c)
{
	memcpy(c->d->digest, c->digest, sizeof(c->digest));
	c->d->size = c->count;
	if (c->listener)
		c->listener->read(c->listener->ctx, c->d);
}

/* Gives the same answer however often it is asked. */
static int checked_end(struct checked *c, struct ohc_error *err)
{
	enum ohc_hash_algorithm a = OHC_SHA256;
	const bool ended = c->ended;

	if (c->known)
		a = ohc_digest_algorithm(c->promised.digest);
	if (!ended)
		ohc_digest_end(c->hash, a, c->digest);
	c->ended = true;
	if (c->known && c->count != c->promised.size)
		return wrong(c, err, NULL);
	if (c->known && strcmp(c->digest, c->promised.digest) != 0)
		return wrong(c, err, c->digest);
	if (!c->known && !ended)
		tell(c);
	return 0;
}

static ssize_t checked_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct checked *c = (struct checked *)src;
	ssize_t got;
	int rc = ohc_interrupt_check(err);

	if (rc < 0)
		return rc;
	if (c->ended)
		return checked_end(c, err);
	got = ohc_source_read(c->below, buf, n, err);
	if (got < 0)
		return got;
	if (got == 0)
		return checked_end(c, err);
	c->count += got;
	if (c->known && c->count > c->promised.size)
		return wrong(c, err, NULL);
	ohc_hash_update(c->hash, buf, (size_t)got);
	if (c->stat)
		atomic_fetch_add(c->stat, (uint64_t)got);
	return got;
}

/* Every byte must be hashed, so a seek starts at 0 and reads up to the offset again. */
static int checked_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct checked *c = (struct checked *)src;
	ohc_cleanup(ohc_freep) char *skip = NULL;
	int rc = ohc_source_seek(c->below, 0, err);
	ssize_t got;

	if (rc < 0)
		return rc;
	ohc_hash_reset(c->hash);
	c->count = 0;
	c->ended = false;
	skip = ohc_xmalloc(64 * 1024);
	while (offset > 0) {
		got = checked_read(src, skip, offset < 64 * 1024 ? (size_t)offset : 64 * 1024, err);
		if (got < 0)
			return (int)got;
		if (got == 0)
			return ohc_error_set(err, OHC_E_FAILED,
					     "cannot go on behind the blob's end");
		offset -= (uint64_t)got;
	}
	return 0;
}

static void checked_close(struct ohc_source *src)
{
	struct checked *c = (struct checked *)src;

	if (c->owned)
		ohc_source_close(c->below);
	ohc_hash_free(c->hash);
	free(c);
}

static struct checked *checked_new(struct ohc_store *s, struct ohc_source *below, bool owned,
				   const struct ohc_descriptor *promised, struct ohc_descriptor *d,
				   _Atomic uint64_t *stat)
{
	static const struct ohc_source_ops again = { checked_read, checked_seek, checked_close };
	static const struct ohc_source_ops once = { checked_read, NULL, checked_close };
	struct checked *c = ohc_xcalloc(1, sizeof(*c));

	c->source.ops = ohc_source_can_seek(below) ? &again : &once;
	c->below = below;
	c->owned = owned;
	c->store_name = s->name;
	c->stat = stat;
	c->d = d;
	c->known = promised != NULL;
	if (promised)
		c->promised = *promised;
	c->hash = ohc_hash_new(promised ? ohc_digest_algorithm(promised->digest) : OHC_SHA256);
	return c;
}

/* Reads a document's kind from its mediaType, else from members that only one kind has. */
static int sniff(const struct ohc_buf *bytes, const char *what, char ret[OHC_MEDIA_MAX],
		 struct ohc_error *err)
{
	static const char *const keys[] = { "schemaVersion", "mediaType", "config", "layers",
					    "manifests",     "subject",   NULL };
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const char *media = NULL;
	bool has_layers, has_manifests;
	json_t *version;
	int rc = ohc_json_parse(bytes->data, bytes->len, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_check_spelling(doc, keys, what, err);
	if (rc == 0)
		rc = ohc_json_string(doc, "mediaType", what, &media, err);
	if (rc < 0)
		return rc;
	version = json_object_get(doc, "schemaVersion");
	if (json_is_integer(version) && json_integer_value(version) == 1)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"%s is a Docker schema 1 manifest, which nothing writes any more: pull "
			"and push it once with a current docker or skopeo to convert it",
			what);
	if (!json_is_integer(version) || json_integer_value(version) != 2)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no schemaVersion 2", what);
	has_layers = json_object_get(doc, "layers") || json_object_get(doc, "config");
	has_manifests = json_object_get(doc, "manifests") != NULL;
	if (has_layers && has_manifests)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is both an index ('manifests') and a manifest ('layers')",
				     what);
	if (!has_layers && !has_manifests)
		return ohc_error_set(err, OHC_E_FORMAT, "%s is neither a manifest nor an index",
				     what);
	if (!media)
		media = has_layers ? OHC_MEDIA_OCI_MANIFEST : OHC_MEDIA_OCI_INDEX;
	if ((has_layers && !ohc_media_is_manifest(media)) ||
	    (has_manifests && !ohc_media_is_index(media)))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has the media type '%.*s', which it is not", what,
				     OHC_MEDIA_MAX, media);
	snprintf(ret, OHC_MEDIA_MAX, "%s", media);
	return 0;
}

static int ask_before(struct ohc_store *s, struct ohc_error *err)
{
	return s->before_reading ? s->before_reading(s->before_ctx, err) : 0;
}

/* Gets, then proves before anything is parsed. */
static int get(struct ohc_store *s, const char *ref, const struct ohc_descriptor *promised,
	       struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *what = NULL;
	char media[OHC_MEDIA_MAX], declared[OHC_MEDIA_MAX] = "", digest[OHC_DIGEST_MAX];
	bool by_digest = ref && ohc_digest_valid(ref);
	bool kept = by_digest && ohc_documents_get(s->documents, ref, &doc.bytes);
	int rc = kept ? 0 : ask_before(s, err);

	if (rc == 0 && !kept)
		rc = s->ops->get_manifest(s, ref, &doc.bytes, declared, err);
	if (rc < 0)
		return rc;
	what = ohc_xasprintf("manifest %s%s'%s'", ref ? ref : "", ref ? " of " : "of ", s->name);
	if (doc.bytes.len > OHC_DOCUMENT_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s is larger than the limit of %u bytes",
				     what, OHC_DOCUMENT_MAX);
	if (!kept)
		atomic_fetch_add(&s->stats.downloaded, doc.bytes.len);
	if (by_digest)
		ohc_digest_like(ref, ohc_buf_str(&doc.bytes), doc.bytes.len, digest);
	else
		ohc_digest_of(ohc_buf_str(&doc.bytes), doc.bytes.len, digest);
	if (promised && (int64_t)doc.bytes.len != promised->size)
		return ohc_error_set(err, OHC_E_DIGEST, "%s has %zu bytes where %lld were promised",
				     what, doc.bytes.len, (long long)promised->size);
	if (by_digest && strcmp(digest, ref) != 0)
		return ohc_error_set(err, OHC_E_DIGEST,
				     "%s is not what its name promises: its digest is %s", what,
				     digest);
	rc = sniff(&doc.bytes, what, media, err);
	if (rc < 0)
		return rc;
	if (!declared[0] && promised)
		snprintf(declared, sizeof(declared), "%s", promised->media_type);
	if (declared[0] && strcmp(declared, media) != 0 &&
	    (ohc_media_is_index(declared) || ohc_media_is_manifest(declared)))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is named as '%s', but says of itself that it is '%s'",
				     what, declared, media);
	ohc_descriptor_set(&doc.d, media, digest, (int64_t)doc.bytes.len);
	if (!kept)
		ohc_documents_keep(s->documents, digest, &doc.bytes);
	*ret = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

static int ask_tag(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		   struct ohc_error *err)
{
	int rc;

	ohc_descriptor_set(ret, "", "", 0);
	rc = s->ops->head ? s->ops->head(s, tag, ret, err) : 0;
	if (rc == 0 && !ret->digest[0])
		atomic_store(&s->mute, true);
	return rc;
}

/* Gets a manifest whose tag was read before: the tag's digest tells whether it is still the
 * same. */
static int get_by_head(struct ohc_store *s, const char *tag, struct ohc_document *ret,
		       struct ohc_error *err)
{
	struct ohc_descriptor d;
	int rc = ask_tag(s, tag, &d, err);

	if (rc < 0)
		return rc;
	return get(s, d.digest[0] ? d.digest : tag, NULL, ret, err);
}

static int get_by_tag(struct ohc_store *s, const char *tag, struct ohc_document *ret,
		      struct ohc_error *err)
{
	int rc;

	if (tag && !atomic_load(&s->mute) && ohc_documents_knows(s->documents, s->name, tag))
		return get_by_head(s, tag, ret, err);
	rc = get(s, tag, NULL, ret, err);
	if (rc == 0 && tag)
		ohc_documents_know(s->documents, s->name, tag);
	return rc;
}

static int get_held(struct ohc_store *s, const char *tag, struct ohc_document *ret,
		    struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	struct ohc_descriptor d;
	int rc = ohc_held_tags_begin(s->held, s->name, tag, &d, err);

	if (rc != 0)
		return rc < 0 ? rc : get(s, d.digest, NULL, ret, err);
	rc = get_by_tag(s, tag, ret, &why);
	ohc_held_tags_end(s->held, s->name, tag, &ret->d, rc, &why);
	return ohc_error_copy(err, &why, rc);
}

int ohc_store_get_manifest(struct ohc_store *s, const char *ref, struct ohc_document *ret,
			   struct ohc_error *err)
{
	struct ohc_descriptor d;
	int rc;

	if (ref && ohc_digest_valid(ref))
		return get(s, ref, NULL, ret, err);
	if (s->ops->resolve) {
		rc = s->ops->resolve(s, ref, &d, err);
		return rc < 0 ? rc : get(s, d.digest, &d, ret, err);
	}
	return ref && s->held ? get_held(s, ref, ret, err) : get_by_tag(s, ref, ret, err);
}

/* Asks what a tag names, once in a run; only_known: not of one that was never read.  1: it was held
 * before. */
static int ask_held(struct ohc_store *s, const char *tag, bool only_known,
		    struct ohc_descriptor *ret, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_held_tags_begin(s->held, s->name, tag, ret, err);

	if (rc != 0)
		return rc;
	if (!only_known || ohc_documents_knows(s->documents, s->name, tag))
		rc = ask_tag(s, tag, ret, &why);
	ohc_held_tags_end(s->held, s->name, tag, ret, rc, &why);
	return ohc_error_copy(err, &why, rc);
}

int ohc_store_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		      struct ohc_error *err)
{
	int rc;

	if (s->ops->resolve)
		return s->ops->resolve(s, tag, ret, err);
	if (!tag || !s->held)
		return ask_tag(s, tag, ret, err);
	rc = ask_held(s, tag, false, ret, err);
	return rc < 0 ? rc : 0;
}

int ohc_store_recall(struct ohc_store *s, const char *ref, struct ohc_descriptor *ret,
		     struct ohc_error *err)
{
	int rc;

	ohc_descriptor_set(ret, "", ref && ohc_digest_valid(ref) ? ref : "", 0);
	if (ret->digest[0])
		return 0;
	if (s->ops->resolve)
		return s->ops->resolve(s, ref, ret, err);
	rc = ref && s->held ? ask_held(s, ref, true, ret, err) : 0;
	/* Whoever asks reads it now, by that digest. */
	if (rc > 0 && ohc_held_tags_read(s->held, s->name, ref))
		ohc_documents_know(s->documents, s->name, ref);
	return rc < 0 ? rc : 0;
}

int ohc_store_get_child(struct ohc_store *s, const struct ohc_descriptor *d,
			struct ohc_document *ret, struct ohc_error *err)
{
	return get(s, d->digest, d, ret, err);
}

/* Checks a document by the rules of its readers. */
static int check_readable(const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	bool is_index = ohc_media_is_index(doc->d.media_type);
	int rc = ohc_json_check_text(ohc_buf_str(&doc->bytes), doc->bytes.len, OHC_DOCUMENT_MAX,
				     is_index ? "the index" : "the manifest", err);

	if (rc < 0 || doc->follows_rules)
		return rc;
	if (is_index)
		rc = ohc_index_parse(doc, &index, err);
	else
		rc = ohc_manifest_parse(doc, &m, err);
	return rc;
}

static int put_one_by_one(struct ohc_store *s, const char *const *tags, size_t n,
			  const struct ohc_document *doc, struct ohc_error *err)
{
	int rc = n ? 0 : s->ops->put_manifest(s, NULL, doc, err);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = s->ops->put_manifest(s, tags[i], doc, err);
	return rc;
}

int ohc_store_put_tagged(struct ohc_store *s, const char *const *tags, size_t n,
			 const struct ohc_document *doc, struct ohc_error *err)
{
	int rc = ohc_interrupt_check(err);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = ohc_name_ref_check(tags[i], err);
	if (rc == 0)
		rc = check_readable(doc, err);
	if (rc == 0 && n > 1 && s->ops->put_tagged)
		rc = s->ops->put_tagged(s, tags, n, doc, err);
	else if (rc == 0)
		rc = put_one_by_one(s, tags, n, doc, err);
	if (rc == 0 && !s->counts)
		atomic_fetch_add(&s->stats.uploaded, doc->bytes.len);
	return rc;
}

int ohc_store_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			   struct ohc_error *err)
{
	return ohc_store_put_tagged(s, &tag, tag ? 1 : 0, doc, err);
}

int ohc_store_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			struct ohc_source **ret, struct ohc_error *err)
{
	struct ohc_source *below = NULL;
	int rc = ask_before(s, err);

	if (rc == 0)
		rc = s->ops->open_blob(s, d, &below, err);
	if (rc == 0)
		*ret = &checked_new(s, below, true, d, NULL, &s->stats.downloaded)->source;
	return rc;
}

/* Takes a blob from the cache, and checks its digest as of every blob. */
static bool read_kept(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf kept = OHC_BUF_INIT;

	if (ret->len || !ohc_documents_get(s->documents, d->digest, &kept))
		return false;
	if ((int64_t)kept.len != d->size ||
	    !ohc_digest_is_of(d->digest, ohc_buf_str(&kept), kept.len))
		return false;
	*ret = kept;
	kept = (struct ohc_buf)OHC_BUF_INIT;
	return true;
}

static int fetch_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_buf *ret,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	int rc;

	if (read_kept(s, d, ret))
		return 0;
	rc = ohc_store_open_blob(s, d, &src, err);
	if (rc == 0)
		rc = ohc_source_read_all(src, OHC_DOCUMENT_MAX, ret, err);
	if (rc == 0)
		ohc_documents_keep(s->documents, d->digest, ret);
	return rc;
}

int ohc_store_read_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_buf *ret,
			struct ohc_error *err)
{
	struct ohc_turns *turns = s->documents ? s->fetching : NULL;
	int rc;

	if (d->size > (int64_t)OHC_DOCUMENT_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "blob %s in '%s' is larger than the limit of %u bytes",
				     d->digest, s->name, OHC_DOCUMENT_MAX);
	ohc_turns_begin(turns, d->digest);
	rc = fetch_blob(s, d, ret, err);
	ohc_turns_end(turns, d->digest);
	return rc;
}

int ohc_store_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		       struct ohc_error *err)
{
	return s->ops->has_blob(s, d, ret, err);
}

/* d: what it must be, where that is known, else its media type alone. */
static int put(struct ohc_store *s, struct ohc_source *src, const struct ohc_descriptor *d,
	       bool known, const struct ohc_store_listener *listener, struct ohc_descriptor *ret,
	       struct ohc_error *err)
{
	_Atomic uint64_t *stat = s->counts ? NULL : &s->stats.uploaded;
	struct ohc_upload up = { .d = *d, .known = known };
	struct checked *c = checked_new(s, src, false, known ? d : NULL, &up.d, stat);
	int rc;

	c->listener = listener;
	up.source = &c->source;
	rc = s->ops->put_blob(s, &up, err);
	ohc_source_close(up.source);
	if (rc == 0 && ret)
		*ret = up.d;
	return rc;
}

int ohc_store_put_blob(struct ohc_store *s, struct ohc_source *src,
		       const struct ohc_descriptor *expected, const char *media_type,
		       struct ohc_descriptor *ret, struct ohc_error *err)
{
	return expected ? put(s, src, expected, true, NULL, ret, err)
			: ohc_store_put_stream(s, src, media_type, NULL, ret, err);
}

int ohc_store_put_stream(struct ohc_store *s, struct ohc_source *src, const char *media_type,
			 const struct ohc_store_listener *listener, struct ohc_descriptor *ret,
			 struct ohc_error *err)
{
	struct ohc_descriptor d;

	ohc_descriptor_set(&d, media_type, "", 0);
	return put(s, src, &d, false, listener, ret, err);
}

/* Holds what a backend has taken to what was promised, as it is read. */
struct share_check {
	struct ohc_store_check check;
	struct ohc_store *from;
	const struct ohc_descriptor *d;
	struct ohc_task *task;
};

static int read_shared(const struct ohc_store_check *check, struct ohc_source *src,
		       struct ohc_error *err)
{
	const struct share_check *c = OHC_CONTAINER_OF(check, struct share_check, check);
	ohc_cleanup(ohc_source_closep) struct ohc_source *metered = ohc_meter_source(src, c->task);
	ohc_cleanup(ohc_source_closep) struct ohc_source *checked =
		&checked_new(c->from, metered, false, c->d, NULL, &c->from->stats.downloaded)
			 ->source;

	return ohc_source_drain(checked, err);
}

static int share(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		 struct ohc_task *task, bool *ret, struct ohc_error *err)
{
	const struct share_check c = { { read_shared }, from, d, task };

	*ret = false;
	if (!to->ops->share_blob || to->ops != from->ops)
		return 0;
	return to->ops->share_blob(to, d, from, &c.check, ret, err);
}

int ohc_store_transfer(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		       struct ohc_task *task, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *below = NULL;
	ohc_cleanup(ohc_source_closep) struct ohc_source *metered = NULL;
	ohc_cleanup(ohc_source_closep) struct ohc_source *checked = NULL;
	struct ohc_upload up = { .d = *d, .known = true };
	bool shared = false;
	int rc = ask_before(from, err);

	if (rc == 0)
		rc = share(from, to, d, task, &shared, err);
	if (rc < 0 || shared)
		return rc;
	rc = from->ops->open_blob(from, d, &below, err);
	if (rc < 0)
		return rc;
	metered = ohc_meter_source(below, task);
	checked = &checked_new(from, metered, false, d, NULL, &from->stats.downloaded)->source;
	up.source = checked;
	rc = to->ops->put_blob(to, &up, err);
	if (rc == 0 && !to->counts)
		atomic_fetch_add(&to->stats.uploaded, (uint64_t)d->size);
	return rc;
}

int ohc_store_put_bytes(struct ohc_store *s, const void *data, size_t n, const char *media_type,
			struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory(data, n);
	struct ohc_descriptor d;
	bool there = false;
	int rc;

	ohc_descriptor_of(&d, media_type, data, n);
	rc = ohc_media_is_config(media_type)
		     ? ohc_json_check_text(data, n, OHC_DOCUMENT_MAX, "the image's config", err)
		     : 0;
	if (rc == 0)
		rc = ohc_store_has_blob(s, &d, &there, err);
	if (rc == 0 && !there)
		rc = ohc_store_put_blob(s, src, &d, NULL, NULL, err);
	if (rc == 0 && ret)
		*ret = d;
	return rc;
}

int ohc_store_mount_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			 struct ohc_store *from, bool *ret, struct ohc_error *err)
{
	if (s->ops->mount_blob && s->ops == from->ops)
		return s->ops->mount_blob(s, d, from, ret, err);
	*ret = false;
	return 0;
}

int ohc_store_may_write(struct ohc_store *s, struct ohc_error *err)
{
	return s->ops->may_write ? s->ops->may_write(s, err) : 0;
}

static int cannot(struct ohc_store *s, const char *what, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' cannot %s", s->name, what);
}

int ohc_store_get_referrers(struct ohc_store *s, const char *digest, struct ohc_document *ret,
			    struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	if (!s->ops->get_referrers)
		return cannot(s, "list referrers", err);
	rc = s->ops->get_referrers(s, digest, &doc.bytes, err);
	if (rc < 0)
		return rc;
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_INDEX, ohc_buf_str(&doc.bytes), doc.bytes.len);
	*ret = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

int ohc_store_lists_referrers(struct ohc_store *s, bool *ret, struct ohc_error *err)
{
	*ret = true;
	return s->ops->lists_referrers ? s->ops->lists_referrers(s, ret, err) : 0;
}

int ohc_store_delete_manifest(struct ohc_store *s, const char *ref, struct ohc_error *err)
{
	return s->ops->delete_manifest ? s->ops->delete_manifest(s, ref, err)
				       : cannot(s, "delete manifests", err);
}

int ohc_store_delete_referrer(struct ohc_store *s, const char *subject, const char *digest,
			      struct ohc_error *err)
{
	return s->ops->delete_referrer ? s->ops->delete_referrer(s, subject, digest, err)
				       : ohc_store_delete_manifest(s, digest, err);
}

int ohc_store_finish(struct ohc_store *s, struct ohc_error *err)
{
	return s->ops->finish ? s->ops->finish(s, err) : 0;
}

void ohc_store_close(struct ohc_store *s)
{
	if (s)
		s->ops->close(s);
}

void ohc_store_closep(struct ohc_store **s)
{
	ohc_store_close(*s);
}
