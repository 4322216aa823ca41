// SPDX-License-Identifier: Apache-2.0
#include "oci/archive_docker.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/archive_docker_list.h"
#include "oci/archive_layout.h"
#include "oci/layout_index.h"
#include "oci/manifest.h"

/* A file of the archive that is a blob of a manifest we made. */
struct part {
	char digest[OHC_DIGEST_MAX];
	const struct ohc_archive_file *file;
};

struct docker_archive {
	struct ohc_store store;
	struct ohc_archive *files;
	char *repo;           /* "host/repo", or NULL: any */
	json_t *list;         /* manifest.json */
	json_t *index;        /* of the layout inside, or NULL */
	pthread_mutex_t lock; /* for all below */
	struct part *parts;
	size_t n_parts;
	struct ohc_document *made;
	size_t n_made;
};

static struct docker_archive *archive_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct docker_archive, store);
}

static int find_file(struct docker_archive *a, const char *path, const char *kind,
		     const struct ohc_archive_file **ret, struct ohc_error *err)
{
	*ret = ohc_archive_find(a->files, path);
	if (*ret)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' has no '%s', which its manifest.json names as "
			     "a %s",
			     a->store.name, path, kind);
}

static void add_part(struct docker_archive *a, const char *digest,
		     const struct ohc_archive_file *file)
{
	a->parts = ohc_xrealloc(a->parts, a->n_parts + 1, sizeof(*a->parts));
	snprintf(a->parts[a->n_parts].digest, OHC_DIGEST_MAX, "%s", digest);
	a->parts[a->n_parts++].file = file;
}

/* "…/HEX.tar.gz" and "sha256:HEX.tar.gz" are called after their digest. */
static bool named_by_digest(const char *path, char ret[OHC_DIGEST_MAX])
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	if (strncmp(base, "sha256:", 7) == 0)
		base += 7;
	snprintf(ret, OHC_DIGEST_MAX, "sha256:%.64s", base);
	return ohc_digest_valid(ret) && (base[64] == '.' || base[64] == '\0');
}

static int hash_file(struct docker_archive *a, const struct ohc_archive_file *f,
		     char ret[OHC_DIGEST_MAX], struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_archive_source(a->files, f);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(256 * 1024);
	ssize_t n;

	while ((n = ohc_source_read(src, piece, 256 * 1024, err)) > 0)
		ohc_hash_update(h, piece, (size_t)n);
	if (n == 0)
		ohc_digest_end(h, OHC_SHA256, ret);
	return (int)n;
}

static int describe_layer(struct docker_archive *a, const char *path, const char *diff_id,
			  enum ohc_family family, struct ohc_descriptor *ret, struct ohc_error *err)
{
	const struct ohc_archive_file *f;
	char digest[OHC_DIGEST_MAX];
	const char *media = NULL;
	int rc = find_file(a, path, "layer", &f, err);

	if (rc == 0)
		rc = ohc_media_layer(family, f->compression, &media, err);
	if (rc < 0)
		return rc;
	if (f->compression == OHC_COMPRESSION_NONE)
		snprintf(digest, sizeof(digest), "%s", diff_id);
	else if (!named_by_digest(f->path, digest))
		rc = hash_file(a, f, digest, err);
	if (rc < 0)
		return rc;
	ohc_descriptor_set(ret, media, digest, f->size);
	add_part(a, digest, f);
	return 0;
}

static const json_t *diff_ids(const json_t *config)
{
	return json_object_get(json_object_get(config, "rootfs"), "diff_ids");
}

static int check_counts(struct docker_archive *a, const json_t *layers, const json_t *config,
			const char *path, struct ohc_error *err)
{
	const json_t *ids = diff_ids(config);
	json_t *id;
	size_t i;

	if (json_array_size(layers) > OHC_LAYERS_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s': more than %d layers", a->store.name,
				     OHC_LAYERS_MAX);
	if (json_array_size(ids) != json_array_size(layers))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s': '%s' has %zu diff_ids, but manifest.json lists %zu layers",
			a->store.name, path, json_array_size(ids), json_array_size(layers));
	json_array_foreach (ids, i, id) {
		const char *s = json_string_value(id);
		int rc = ohc_digest_check(s ? s : "", path, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Docker's types, unless a layer is compressed in a way that those have no name for. */
static enum ohc_family family_of(struct docker_archive *a, const json_t *layers)
{
	json_t *path;
	size_t i;

	json_array_foreach (layers, i, path) {
		const struct ohc_archive_file *f =
			ohc_archive_find(a->files, json_string_value(path));

		if (f && f->compression == OHC_COMPRESSION_ZSTD)
			return OHC_FAMILY_OCI;
	}
	return OHC_FAMILY_DOCKER;
}

/* The manifest that the archive would have had. */
static int make_manifest(struct docker_archive *a, const json_t *item, struct ohc_document *ret,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	const char *path = json_string_value(json_object_get(item, "Config"));
	const json_t *layers = json_object_get(item, "Layers");
	enum ohc_family family = family_of(a, layers);
	const struct ohc_archive_file *f;
	struct ohc_descriptor d;
	json_t *layer;
	size_t i;
	int rc = find_file(a, path, "config", &f, err);

	if (rc == 0)
		rc = ohc_archive_read(a->files, f, OHC_DOCUMENT_MAX, &bytes, err);
	if (rc == 0)
		rc = ohc_json_parse(ohc_buf_str(&bytes), bytes.len, path, &config, err);
	if (rc == 0)
		rc = check_counts(a, layers, config, path, err);
	if (rc < 0)
		return rc;
	ohc_manifest_init(&m, family);
	ohc_descriptor_of(
		&d, family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG : OHC_MEDIA_OCI_CONFIG,
		ohc_buf_str(&bytes), bytes.len);
	ohc_manifest_set_config(&m, &d);
	add_part(a, d.digest, f);
	json_array_foreach (layers, i, layer) {
		rc = describe_layer(a, json_string_value(layer),
				    json_string_value(json_array_get(diff_ids(config), i)), family,
				    &d, err);
		if (rc < 0)
			return rc;
		ohc_manifest_add_layer(&m, &d);
	}
	ohc_manifest_write(&m, ret);
	return 0;
}

static bool has_config(struct docker_archive *a, const struct ohc_descriptor *d, const char *digest)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const struct ohc_archive_file *f = ohc_archive_blob(a->files, d->digest);
	const char *s;

	if (!f || ohc_archive_read(a->files, f, OHC_DOCUMENT_MAX, &bytes, NULL) < 0 ||
	    ohc_json_parse(ohc_buf_str(&bytes), bytes.len, "", &doc, NULL) < 0)
		return false;
	s = json_string_value(json_object_get(json_object_get(doc, "config"), "digest"));
	return s && strcmp(s, digest) == 0;
}

/* The layout's own manifest of the image whose config lies at path, when it lists one. */
static bool find_real(struct docker_archive *a, const char *path, struct ohc_descriptor *ret)
{
	char digest[OHC_DIGEST_MAX];
	json_t *entry;
	size_t i;

	if (!a->index || strncmp(path, "blobs/sha256/", 13) != 0 || !named_by_digest(path, digest))
		return false;
	json_array_foreach (json_object_get(a->index, "manifests"), i, entry)
		if (ohc_descriptor_parse(entry, "", ret, NULL) == 0 &&
		    ohc_media_is_manifest(ret->media_type) && has_config(a, ret, digest))
			return true;
	return false;
}

static bool is_made(struct docker_archive *a, const char *digest)
{
	for (size_t i = 0; i < a->n_made; i++)
		if (strcmp(a->made[i].d.digest, digest) == 0)
			return true;
	return false;
}

static int docker_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			  struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", s->name);
	const json_t *item;
	int rc = ohc_docker_list_find(a->list, a->repo, tag, what, &item, err);

	if (rc < 0 || find_real(a, json_string_value(json_object_get(item, "Config")), ret))
		return rc;
	pthread_mutex_lock(&a->lock);
	rc = make_manifest(a, item, &doc, err);
	if (rc == 0) {
		*ret = doc.d;
		if (!is_made(a, doc.d.digest)) {
			a->made = ohc_xrealloc(a->made, a->n_made + 1, sizeof(*a->made));
			a->made[a->n_made++] = doc;
			doc = (struct ohc_document)OHC_DOCUMENT_INIT;
		}
	}
	pthread_mutex_unlock(&a->lock);
	return rc;
}

/* NULL where the archive has none. */
static const struct ohc_archive_file *find_blob(struct docker_archive *a, const char *digest)
{
	const struct ohc_archive_file *f = NULL;

	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < a->n_parts && !f; i++)
		if (strcmp(a->parts[i].digest, digest) == 0)
			f = a->parts[i].file;
	pthread_mutex_unlock(&a->lock);
	return f ? f : ohc_archive_blob(a->files, digest);
}

static int find(struct ohc_store *s, const char *digest, const char *kind,
		const struct ohc_archive_file **ret, struct ohc_error *err)
{
	*ret = find_blob(archive_of(s), digest);
	if (*ret)
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "%s %s is not in '%s'", kind, digest, s->name);
}

static int docker_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			       char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);
	const struct ohc_archive_file *f;
	bool made = false;
	int rc;

	ret_media_type[0] = '\0';
	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < a->n_made && !made; i++) {
		made = strcmp(a->made[i].d.digest, ref) == 0;
		if (made)
			ohc_buf_add(ret_bytes, a->made[i].bytes.data, a->made[i].bytes.len);
	}
	pthread_mutex_unlock(&a->lock);
	if (made)
		return 0;
	rc = find(s, ref, "manifest", &f, err);
	if (rc == 0)
		rc = ohc_archive_read(a->files, f, OHC_DOCUMENT_MAX, ret_bytes, err);
	return rc;
}

static int docker_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			    struct ohc_source **ret, struct ohc_error *err)
{
	const struct ohc_archive_file *f;
	int rc = find(s, d->digest, "blob", &f, err);

	if (rc == 0)
		*ret = ohc_archive_source(archive_of(s)->files, f);
	return rc;
}

static int docker_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			   struct ohc_error *err)
{
	const struct ohc_archive_file *f = find_blob(archive_of(s), d->digest);

	(void)err;
	*ret = f && f->size == d->size;
	return 0;
}

static int docker_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);

	(void)err;
	ohc_docker_list_tags(a->list, a->repo, ret);
	return 0;
}

static int docker_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			       struct ohc_error *err)
{
	(void)tag, (void)doc;
	return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' was opened only to be read", s->name);
}

static int docker_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	(void)up;
	return docker_put_manifest(s, NULL, NULL, err);
}

static void docker_close(struct ohc_store *s)
{
	struct docker_archive *a = archive_of(s);

	for (size_t i = 0; i < a->n_made; i++)
		ohc_document_clear(&a->made[i]);
	free(a->made);
	free(a->parts);
	json_decref(a->list);
	json_decref(a->index);
	ohc_archive_close(a->files);
	pthread_mutex_destroy(&a->lock);
	free(a->repo);
	free(a);
}

static int read_list(struct docker_archive *a, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest.json of '%s'", a->store.name);
	int rc;

	if (!ohc_archive_find(a->files, "manifest.json"))
		return ohc_error_set(
			err, OHC_E_FORMAT, "'%s' is no docker archive: it has no 'manifest.json'%s",
			a->store.name,
			ohc_archive_find(a->files, "oci-layout") ? " (it looks like an oci-archive)"
			: ohc_archive_find(a->files, "repositories")
				? ": it was written before Docker 1.10; load and save it once "
				  "with a current docker"
				: "");
	rc = ohc_archive_json(a->files, "manifest.json", OHC_DOCKER_LIST_MAX, &bytes, err);
	if (rc == 0)
		rc = ohc_docker_list_parse(ohc_buf_str(&bytes), bytes.len, what, &a->list, err);
	if (rc == 0)
		rc = ohc_archive_layout(a->files, &a->index, err);
	return rc;
}

int ohc_docker_archive_open(const struct ohc_name *name, struct ohc_report *report,
			    struct ohc_store **ret, struct ohc_error *err)
{
	static const struct ohc_store_ops ops = {
		.resolve = docker_resolve,
		.get_manifest = docker_get_manifest,
		.put_manifest = docker_put_manifest,
		.open_blob = docker_open_blob,
		.has_blob = docker_has_blob,
		.put_blob = docker_put_blob,
		.list_tags = docker_list_tags,
		.close = docker_close,
	};
	struct docker_archive *a = ohc_xcalloc(1, sizeof(*a));
	int rc;

	a->store.ops = &ops;
	pthread_mutex_init(&a->lock, NULL);
	if (name->repo)
		a->repo = ohc_xasprintf("%s/%s", name->host, name->repo);
	rc = ohc_archive_open(name->path, report, &a->files, err);
	if (rc == 0) {
		a->store.name = ohc_archive_name(a->files);
		a->store.serial = ohc_archive_is_stream(a->files);
		rc = read_list(a, err);
	}
	if (rc < 0) {
		docker_close(&a->store);
		return rc;
	}
	*ret = &a->store;
	return 0;
}
