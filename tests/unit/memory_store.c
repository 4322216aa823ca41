// SPDX-License-Identifier: Apache-2.0
#include "memory_store.h"
#include "tars.h"

#include "unit.h"

#include <pthread.h>

#include "core/alloc.h"

struct entry {
	char *key; /* a digest, or a tag */
	char *media_type;
	struct ohc_buf bytes; /* of a tag: the digest */
};

struct memory_store {
	struct ohc_store store;
	pthread_mutex_t lock;
	struct entry *entries;
	size_t n;
	unsigned int reads;
	char broken[OHC_DIGEST_MAX];
};

static struct memory_store *of(const struct ohc_store *s)
{
	return (struct memory_store *)s;
}

static struct entry *find(struct memory_store *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entries[i].key, key) == 0)
			return &m->entries[i];
	return NULL;
}

static void drop(struct entry *e)
{
	free(e->key);
	free(e->media_type);
	ohc_buf_clear(&e->bytes);
}

static void put(struct memory_store *m, const char *key, const char *media_type, const void *data,
		size_t n)
{
	struct entry *e;

	pthread_mutex_lock(&m->lock);
	e = find(m, key);
	if (e) {
		drop(e);
	} else {
		m->entries = ohc_xrealloc(m->entries, m->n + 1, sizeof(*m->entries));
		e = &m->entries[m->n++];
	}
	memset(e, 0, sizeof(*e));
	e->key = ohc_xstrdup(key);
	e->media_type = ohc_xstrdup(media_type);
	ohc_buf_add(&e->bytes, data, n);
	pthread_mutex_unlock(&m->lock);
}

/* Copies what is there, so that it stays whatever is put meanwhile. */
static int get(struct memory_store *m, const char *key, struct ohc_buf *ret,
	       char media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	struct entry *e;

	pthread_mutex_lock(&m->lock);
	m->reads++;
	e = strcmp(key, m->broken) == 0 ? NULL : find(m, key);
	if (e)
		ohc_buf_add(ret, e->bytes.data, e->bytes.len);
	if (e && media_type)
		snprintf(media_type, OHC_MEDIA_MAX, "%s", e->media_type);
	pthread_mutex_unlock(&m->lock);
	if (strcmp(key, m->broken) == 0)
		return ohc_error_set(err, OHC_E_NETWORK, "the connection broke");
	if (!e)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' has no '%s'", m->store.name, key);
	return 0;
}

static int get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret,
			char media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf digest = OHC_BUF_INIT;
	int rc = 0;

	if (!ref)
		ref = "latest";
	if (!ohc_digest_valid(ref)) {
		rc = get(of(s), ref, &digest, NULL, err);
		ref = ohc_buf_str(&digest);
	}
	return rc < 0 ? rc : get(of(s), ref, ret, media_type, err);
}

static int put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			struct ohc_error *err)
{
	(void)err;
	put(of(s), doc->d.digest, doc->d.media_type, doc->bytes.data, doc->bytes.len);
	if (tag)
		put(of(s), tag, "", doc->d.digest, strlen(doc->d.digest));
	return 0;
}

struct own_source {
	struct ohc_source source;
	struct ohc_source *memory;
	struct ohc_buf bytes;
};

static ssize_t own_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	return ohc_source_read(((struct own_source *)src)->memory, buf, n, err);
}

static void own_close(struct ohc_source *src)
{
	struct own_source *o = (struct own_source *)src;

	ohc_source_close(o->memory);
	ohc_buf_clear(&o->bytes);
	free(o);
}

static int open_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_source **ret,
		     struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { own_read, NULL, own_close };
	struct own_source *o = ohc_xcalloc(1, sizeof(*o));
	int rc = get(of(s), d->digest, &o->bytes, NULL, err);

	if (rc < 0) {
		free(o);
		return rc;
	}
	o->source.ops = &ops;
	o->memory = ohc_source_memory(ohc_buf_str(&o->bytes), o->bytes.len);
	*ret = &o->source;
	return 0;
}

static int has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		    struct ohc_error *err)
{
	struct memory_store *m = of(s);

	(void)err;
	pthread_mutex_lock(&m->lock);
	*ret = find(m, d->digest) != NULL;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static int put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	int rc = ohc_source_read_all(up->source, 64 << 20, &bytes, err);

	if (rc == 0)
		put(of(s), up->d.digest, up->d.media_type, ohc_buf_str(&bytes), bytes.len);
	return rc;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct memory_store *m = of(s);
	size_t before = ret->n;

	(void)err;
	for (size_t i = 0; i < m->n; i++)
		if (!ohc_digest_valid(m->entries[i].key))
			ohc_strv_add(ret, m->entries[i].key);
	if (ret->n > before)
		qsort(ret->v + before, ret->n - before, sizeof(*ret->v), compare);
	return 0;
}

static void store_close(struct ohc_store *s)
{
	struct memory_store *m = of(s);

	for (size_t i = 0; i < m->n; i++)
		drop(&m->entries[i]);
	free(m->entries);
	free((char *)m->store.name);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

struct ohc_store *memory_store_new(const char *name)
{
	static const struct ohc_store_ops ops = {
		.get_manifest = get_manifest,
		.put_manifest = put_manifest,
		.open_blob = open_blob,
		.has_blob = has_blob,
		.put_blob = put_blob,
		.list_tags = list_tags,
		.close = store_close,
	};
	struct memory_store *m = ohc_xcalloc(1, sizeof(*m));

	m->store.ops = &ops;
	m->store.name = ohc_xstrdup(name);
	pthread_mutex_init(&m->lock, NULL);
	return &m->store;
}

void memory_store_raw(struct ohc_store *s, const char *digest, const void *data, size_t n)
{
	struct entry *e = find(of(s), digest);
	char *media_type = ohc_xstrdup(e ? e->media_type : "");

	put(of(s), digest, media_type, data, n);
	free(media_type);
}

void memory_store_remove(struct ohc_store *s, const char *digest)
{
	struct memory_store *m = of(s);
	struct entry *e = find(m, digest);

	assert_non_null(e);
	drop(e);
	*e = m->entries[--m->n];
}

void memory_store_break(struct ohc_store *s, const char *digest)
{
	snprintf(of(s)->broken, sizeof(of(s)->broken), "%s", digest);
}

void memory_store_blob(struct ohc_store *s, const char *media_type, const char *text,
		       struct ohc_descriptor *ret)
{
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_store_put_bytes(s, text, strlen(text), media_type, ret, &err), &err);
}

static void compress(const struct ohc_buf *in, enum ohc_compression compression,
		     struct ohc_buf *out)
{
	struct ohc_codec codec = { compression, OHC_LEVEL_DEFAULT, false };
	struct ohc_codec_encoder *enc = ohc_codec_encoder_new(&codec);
	unsigned char edge[OHC_CODEC_EDGE];
	size_t n = in->len;
	char *room = ohc_xmalloc(ohc_codec_bound(&codec, n));
	struct ohc_error err = OHC_ERROR_INIT;
	uint32_t crc = 0;
	ssize_t got = ohc_codec_encode(enc, in->data, n, true, room, &crc, &err);

	assert_true(got >= 0);
	ohc_buf_add(out, edge, ohc_codec_head(&codec, edge));
	ohc_buf_add(out, room, (size_t)got);
	ohc_buf_add(out, edge, ohc_codec_tail(&codec, ohc_codec_join(0, crc, n), n, edge));
	ohc_codec_encoder_free(enc);
	free(room);
}

void memory_store_layer(struct ohc_store *s, const char *text, enum ohc_compression compression,
			struct ohc_descriptor *ret, char ret_diff_id[OHC_DIGEST_MAX])
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT, bytes = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	const char *media_type;

	tar_file(&tar, "file", 0644, text);
	tar_end(&tar);
	compress(&tar, compression, &bytes);
	assert_ok(ohc_media_layer(OHC_FAMILY_OCI, compression, &media_type, &err), &err);
	assert_ok(ohc_store_put_bytes(s, bytes.data, bytes.len, media_type, ret, &err), &err);
	ohc_digest_of(tar.data, tar.len, ret_diff_id);
}

void memory_store_manifest(struct ohc_store *s, const char *tag, const char *media_type,
			   const char *text, struct ohc_descriptor *ret)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, media_type, text, strlen(text));
	assert_ok(s->ops->put_manifest(s, tag, &doc, &err), &err);
	if (ret)
		*ret = doc.d;
	ohc_document_clear(&doc);
}

void memory_store_image(struct ohc_store *s, const char *tag, enum ohc_family family,
			const char *os, const char *arch, struct ohc_descriptor *ret)
{
	bool docker = family == OHC_FAMILY_DOCKER;
	const char *layer_type = docker ? OHC_MEDIA_DOCKER_LAYER : OHC_MEDIA_OCI_LAYER_GZIP;
	const char *config_type = docker ? OHC_MEDIA_DOCKER_CONFIG : OHC_MEDIA_OCI_CONFIG;
	const char *type = docker ? OHC_MEDIA_DOCKER_MANIFEST : OHC_MEDIA_OCI_MANIFEST;
	struct ohc_descriptor config, layers[2];
	char ids[2][OHC_DIGEST_MAX], *text;

	memory_store_layer(s, "first layer", OHC_COMPRESSION_GZIP, &layers[0], ids[0]);
	memory_store_layer(s, "second layer", OHC_COMPRESSION_GZIP, &layers[1], ids[1]);
	text = ohc_xasprintf(
		"{\"architecture\":\"%s\",\"os\":\"%s\",\"config\":{\"Env\":[\"A=1\"]},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]},"
		"\"history\":[{\"created_by\":\"one\"},{\"created_by\":\"none\","
		"\"empty_layer\":true},{\"created_by\":\"two\"}]}",
		arch, os, ids[0], ids[1]);
	memory_store_blob(s, config_type, text, &config);
	free(text);
	text = ohc_xasprintf("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":"
			     "\"%s\",\"size\":%lld,\"digest\":\"%s\"},\"layers\":["
			     "{\"mediaType\":\"%s\",\"size\":%lld,\"digest\":\"%s\"},"
			     "{\"mediaType\":\"%s\",\"size\":%lld,\"digest\":\"%s\"}]}",
			     type, config_type, (long long)config.size, config.digest, layer_type,
			     (long long)layers[0].size, layers[0].digest, layer_type,
			     (long long)layers[1].size, layers[1].digest);
	memory_store_manifest(s, tag, type, text, ret);
	free(text);
}

unsigned int memory_store_reads(const struct ohc_store *s)
{
	return of(s)->reads;
}

size_t memory_store_count(const struct ohc_store *s)
{
	return of(s)->n;
}
