// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/docker.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "oci/archive/docker_list.h"
#include "oci/archive/docker_made.h"
#include "oci/archive/layout.h"
#include "oci/documents/index_json.h"

/* Indexes within index.json. */
#define NESTED_MAX 3

struct docker_archive {
	struct ohc_store store;
	struct ohc_archive *files;
	char *repo;   /* "host/repo", or NULL: any */
	json_t *list; /* manifest.json */
	struct ohc_docker_names *names;
	json_t *index;          /* of the layout inside, or NULL */
	struct ohc_map *called; /* its first entry of each name of containerd's */
	pthread_mutex_t lock;   /* for all below */
	struct ohc_docker_made made;
};

static struct docker_archive *archive_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct docker_archive, store);
}

static bool lies_at(const json_t *descriptor, const json_t *path)
{
	const char *digest = json_string_value(json_object_get(descriptor, "digest"));
	const char *at = json_string_value(path);
	ohc_cleanup(ohc_freep) char *blob = NULL;

	if (!digest || !at || !ohc_digest_valid(digest))
		return false;
	blob = ohc_archive_blob_path(digest);
	return strcmp(blob, at) == 0;
}

/* Does the manifest have the same config and layers as the item of docker's list? */
static bool is_item(const json_t *manifest, const json_t *item)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const json_t *paths = json_object_get(item, "Layers");
	json_t *layer;
	size_t i;

	if (!lies_at(json_object_get(manifest, "config"), json_object_get(item, "Config")) ||
	    json_array_size(layers) != json_array_size(paths))
		return false;
	json_array_foreach (layers, i, layer)
		if (!lies_at(layer, json_array_get(paths, i)))
			return false;
	return true;
}

static json_t *read_document(struct docker_archive *a, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	const struct ohc_archive_file *f = ohc_archive_blob(a->files, d->digest);
	json_t *doc = NULL;

	if (!f || ohc_archive_read(a->files, f, OHC_DOCUMENT_MAX, &bytes, NULL) < 0 ||
	    ohc_json_parse(ohc_buf_str(&bytes), bytes.len, "", &doc, NULL) < 0)
		return NULL;
	return doc;
}

static const char *name_of(const json_t *entry)
{
	const char *name = json_string_value(
		json_object_get(json_object_get(entry, "annotations"), OHC_CONTAINERD_NAME));

	return name ? name : "";
}

static void note_names(struct docker_archive *a)
{
	size_t i, first;
	json_t *entry;

	a->called = ohc_map_new();
	json_array_foreach (json_object_get(a->index, "manifests"), i, entry)
		if (*name_of(entry))
			ohc_map_add(a->called, name_of(entry), i, &first);
}

/* Searches the index, and those that it lists.  Of several manifests that differ in annotations
 * only, the one that has the name wins. */
static bool search(struct docker_archive *a, const json_t *index, const json_t *item,
		   const char *name, unsigned int depth, struct ohc_descriptor *ret)
{
	const json_t *manifests = json_object_get(index, "manifests");
	const bool named = name && depth == 0;
	size_t i = 0;

	if (named && !ohc_map_get(a->called, name, &i))
		return false;
	for (; i < json_array_size(manifests); i++) {
		ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
		json_t *entry = json_array_get(manifests, i);
		struct ohc_descriptor d;

		if ((named && strcmp(name_of(entry), name) != 0) ||
		    ohc_descriptor_parse(entry, "", &d, NULL) < 0)
			continue;
		doc = read_document(a, &d);
		if (ohc_media_is_index(d.media_type) && depth < NESTED_MAX &&
		    search(a, doc, item, name, depth + 1, ret))
			return true;
		if (ohc_media_is_manifest(d.media_type) && is_item(doc, item)) {
			*ret = d;
			return true;
		}
	}
	return false;
}

/* The layout's own manifest of an item, where it has one. */
static bool find_real(struct docker_archive *a, const json_t *item, const char *tag,
		      struct ohc_descriptor *ret)
{
	ohc_cleanup(ohc_freep) char *name = NULL;

	if (!a->index)
		return false;
	if (a->repo && tag)
		name = ohc_xasprintf("%s:%s", a->repo, tag);
	return (name && search(a, a->index, item, name, 0, ret)) ||
	       search(a, a->index, item, NULL, 0, ret);
}

static int docker_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			  struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", s->name);
	const json_t *item;
	int rc = ohc_docker_names_find(a->names, a->repo, tag, what, &item, err);

	if (rc < 0 || find_real(a, item, tag, ret))
		return rc;
	pthread_mutex_lock(&a->lock);
	rc = ohc_archive_docker_make(&a->made, a->files, item, ret, err);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

/* Finds a blob; false where the archive has none.  The part is copied, because the array that holds
 * it may move as it grows. */
static bool find_blob(struct docker_archive *a, const char *digest, struct ohc_docker_part *ret)
{
	const struct ohc_docker_part *part;

	pthread_mutex_lock(&a->lock);
	part = ohc_docker_made_part(&a->made, digest);
	*ret = part ? *part : (struct ohc_docker_part){ .file = NULL };
	pthread_mutex_unlock(&a->lock);
	if (!part && (ret->file = ohc_archive_blob(a->files, digest)))
		ret->size = ret->file->size;
	return ret->file != NULL;
}

static int find(struct ohc_store *s, const char *digest, const char *kind,
		struct ohc_docker_part *ret, struct ohc_error *err)
{
	if (find_blob(archive_of(s), digest, ret))
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "%s %s is not in '%s'", kind, digest, s->name);
}

static int docker_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			       char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	struct docker_archive *a = archive_of(s);
	const struct ohc_document *made;
	struct ohc_docker_part part;
	int rc;

	ret_media_type[0] = '\0';
	pthread_mutex_lock(&a->lock);
	made = ohc_docker_made_document(&a->made, ref);
	if (made)
		ohc_buf_add(ret_bytes, made->bytes.data, made->bytes.len);
	pthread_mutex_unlock(&a->lock);
	if (made)
		return 0;
	rc = find(s, ref, "manifest", &part, err);
	if (rc == 0)
		rc = ohc_archive_read(a->files, part.file, OHC_DOCUMENT_MAX, ret_bytes, err);
	return rc;
}

static int docker_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			    struct ohc_source **ret, struct ohc_error *err)
{
	struct ohc_docker_part part;
	int rc = find(s, d->digest, "blob", &part, err);

	if (rc == 0)
		*ret = ohc_docker_made_source(archive_of(s)->files, &part);
	return rc;
}

static int docker_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			   struct ohc_error *err)
{
	struct ohc_docker_part part;

	(void)err;
	*ret = find_blob(archive_of(s), d->digest, &part) && part.size == d->size;
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
	ohc_docker_names_free(a->names);
	json_decref(a->list);
	json_decref(a->index);
	ohc_map_free(a->called);
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
	if (rc < 0)
		return rc;
	a->names = ohc_docker_names_new(a->list);
	note_names(a);
	return 0;
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
