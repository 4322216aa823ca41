// SPDX-License-Identifier: Apache-2.0
#include "oci/archive_docker.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/archive_docker_list.h"
#include "oci/archive_docker_made.h"
#include "oci/archive_layout.h"

struct docker_archive {
	struct ohc_store store;
	struct ohc_archive *files;
	char *repo;           /* "host/repo", or NULL: any */
	json_t *list;         /* manifest.json */
	json_t *index;        /* of the layout inside, or NULL */
	pthread_mutex_t lock; /* for all below */
	struct ohc_docker_made made;
};

static struct docker_archive *archive_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct docker_archive, store);
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

	if (!a->index || strncmp(path, "blobs/sha256/", 13) != 0 ||
	    !ohc_docker_named_by_digest(path, digest))
		return false;
	json_array_foreach (json_object_get(a->index, "manifests"), i, entry)
		if (ohc_descriptor_parse(entry, "", ret, NULL) == 0 &&
		    ohc_media_is_manifest(ret->media_type) && has_config(a, ret, digest))
			return true;
	return false;
}

static int docker_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			  struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", s->name);
	const json_t *item;
	int rc = ohc_docker_list_find(a->list, a->repo, tag, what, &item, err);

	if (rc < 0 || find_real(a, json_string_value(json_object_get(item, "Config")), ret))
		return rc;
	pthread_mutex_lock(&a->lock);
	rc = ohc_docker_make(&a->made, a->files, item, ret, err);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

/* NULL where the archive has none. */
static const struct ohc_archive_file *find_blob(struct docker_archive *a, const char *digest)
{
	const struct ohc_archive_file *f;

	pthread_mutex_lock(&a->lock);
	f = ohc_docker_made_file(&a->made, digest);
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
	const struct ohc_document *made;
	const struct ohc_archive_file *f;
	int rc;

	ret_media_type[0] = '\0';
	pthread_mutex_lock(&a->lock);
	made = ohc_docker_made_document(&a->made, ref);
	if (made)
		ohc_buf_add(ret_bytes, made->bytes.data, made->bytes.len);
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

	ohc_docker_made_clear(&a->made);
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
