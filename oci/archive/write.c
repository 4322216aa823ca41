// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/write.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "core/set.h"
#include "oci/archive/docker_list.h"
#include "oci/archive/files.h"
#include "oci/archive/layout.h"
#include "oci/dir/files.h"
#include "oci/documents/index_table.h"
#include "oci/dir/loose.h"
#include "oci/documents/manifest.h"
#include "oci/tar/out.h"

struct writer {
	struct ohc_store store;
	char *repo;           /* docker-archive: "host/repo", or NULL */
	pthread_mutex_t lock; /* for all below */
	struct ohc_tar_out *out;
	json_t *index;
	struct ohc_index_table *table; /* of index, until that is written */
	json_t *list;                  /* docker's manifest.json; NULL: an oci-archive */
	struct ohc_map *items;         /* of list, by config and layers */
	struct ohc_map *names;         /* which item has each */
	struct ohc_loose loose;
	struct ohc_set *written; /* digests */
	size_t n_written;
	bool started, sha512;
};

static struct writer *writer_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct writer, store);
}

static int start(struct writer *w, struct ohc_error *err)
{
	int rc = 0;

	if (w->started)
		return 0;
	w->started = true;
	rc = ohc_tar_out_bytes(w->out, "oci-layout", OHC_LAYOUT_MARKER, strlen(OHC_LAYOUT_MARKER),
			       err);
	if (rc == 0)
		rc = ohc_tar_out_dir(w->out, "blobs", err);
	if (rc == 0)
		rc = ohc_tar_out_dir(w->out, "blobs/sha256", err);
	return rc;
}

/* Directories come before what is in them. */
static int start_of(struct writer *w, const char *digest, struct ohc_error *err)
{
	int rc = start(w, err);

	if (rc < 0 || w->sha512 || strncmp(digest, "sha512:", 7) != 0)
		return rc;
	w->sha512 = true;
	return ohc_tar_out_dir(w->out, "blobs/sha512", err);
}

struct incoming {
	struct writer *w;
	const char *digest;
};

static char *path_of(void *ctx)
{
	struct incoming *in = ctx;

	if (ohc_set_has(in->w->written, in->digest))
		return NULL;
	return ohc_archive_blob_path(in->digest);
}

static void note(struct writer *w, const char *digest)
{
	w->n_written += ohc_set_add(w->written, digest);
}

/* An archive with more files could not be read again; the rest is for the files beside the
 * blobs. */
static int check_room(const struct writer *w, struct ohc_error *err)
{
	enum { BESIDE = 8 };

	if (w->n_written + BESIDE < OHC_ARCHIVE_MAX)
		return 0;
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "'%s' would have more than the limit of %d entries", w->store.name,
			     OHC_ARCHIVE_MAX);
}

static int writer_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	struct writer *w = writer_of(s);
	struct incoming in = { w, up->d.digest };
	int rc;

	pthread_mutex_lock(&w->lock);
	rc = check_room(w, err);
	if (rc == 0)
		rc = start_of(w, up->d.digest, err);
	if (rc == 0)
		rc = ohc_tar_out_source(w->out, up->source, up->known ? up->d.size : -1, path_of,
					&in, err);
	if (rc == 0)
		note(w, up->d.digest);
	pthread_mutex_unlock(&w->lock);
	return rc;
}

static int writer_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			   struct ohc_error *err)
{
	struct writer *w = writer_of(s);

	(void)err;
	pthread_mutex_lock(&w->lock);
	*ret = ohc_set_has(w->written, d->digest);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

/* The item of this config and these layers in docker's list, or a new one. */
static size_t docker_item(struct writer *w, const struct ohc_manifest *m)
{
	ohc_cleanup(ohc_freep) char *config = ohc_archive_blob_path(m->config.digest);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf key = OHC_BUF_INIT;
	json_t *layers = json_array();
	size_t i;

	ohc_buf_adds(&key, config);
	for (i = 0; i < m->n_layers; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_archive_blob_path(m->layers[i].digest);

		json_array_append_new(layers, json_string(path));
		ohc_buf_addf(&key, " %s", path);
	}
	if (ohc_map_get(w->items, key.data, &i)) {
		json_decref(layers);
		return i;
	}
	json_array_append_new(w->list, json_pack("{s:s, s:[], s:o}", "Config", config, "RepoTags",
						 "Layers", layers));
	i = json_array_size(w->list) - 1;
	ohc_map_put(w->items, key.data, i);
	return i;
}

static json_t *names_of(struct writer *w, size_t item)
{
	return json_object_get(json_array_get(w->list, item), "RepoTags");
}

/* The name moves here from the image that had it. */
static void docker_tag(struct writer *w, size_t item, const char *name)
{
	size_t other, k;
	json_t *s;

	if (ohc_map_get(w->names, name, &other))
		json_array_foreach (names_of(w, other), k, s)
			if (strcmp(json_string_value(s), name) == 0) {
				json_array_remove(names_of(w, other), k);
				break;
			}
	json_array_append_new(names_of(w, item), json_string(name));
	ohc_map_put(w->names, name, item);
}

static int add_docker(struct writer *w, const char *tag, const struct ohc_document *doc,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_freep) char *name = NULL;
	size_t item;
	int rc;

	if (ohc_media_is_index(doc->d.media_type))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "a docker archive holds images of one platform, and no "
				     "index: say which with --platform, or write an oci-archive");
	rc = tag ? ohc_name_tag_check(tag, err) : 0;
	if (rc == 0)
		rc = ohc_manifest_parse(doc, &m, err);
	for (size_t i = 0; rc == 0 && i < m.n_layers; i++)
		if (ohc_media_is_foreign(m.layers[i].media_type))
			rc = ohc_error_set(err, OHC_E_UNSUPPORTED,
					   "layers[%zu] of manifest %s is kept elsewhere (%s): a "
					   "docker archive must hold all layers",
					   i, doc->d.digest, m.layers[i].media_type);
	if (rc < 0)
		return rc;
	item = docker_item(w, &m);
	if (w->repo && tag) {
		name = ohc_archive_docker_familiar(w->repo, tag);
		docker_tag(w, item, name);
	}
	return 0;
}

/* containerd (`ctr image import`, docker's containerd store) names images by an annotation. */
static void name_entry(struct writer *w, const char *tag)
{
	ohc_cleanup(ohc_freep) char *full = NULL;
	json_t *entry = tag ? ohc_index_table_entry(w->table, tag) : NULL;

	if (!w->repo || !entry)
		return;
	full = ohc_xasprintf("%s:%s", w->repo, tag);
	json_object_set_new(json_object_get(entry, "annotations"), OHC_CONTAINERD_NAME,
			    json_string(full));
}

static int writer_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			       struct ohc_error *err)
{
	struct writer *w = writer_of(s);
	ohc_cleanup(ohc_freep) char *path = ohc_archive_blob_path(doc->d.digest);
	int rc;

	pthread_mutex_lock(&w->lock);
	rc = check_room(w, err);
	if (rc == 0 && w->list)
		rc = add_docker(w, tag, doc, err);
	if (rc == 0)
		rc = start_of(w, doc->d.digest, err);
	if (rc == 0 && !ohc_set_has(w->written, doc->d.digest))
		rc = ohc_tar_out_bytes(w->out, path, ohc_buf_str(&doc->bytes), doc->bytes.len, err);
	if (rc == 0) {
		note(w, doc->d.digest);
		ohc_loose_put(&w->loose, tag, doc);
		if (tag)
			ohc_index_table_put(w->table, tag, &doc->d);
		name_entry(w, tag);
	}
	pthread_mutex_unlock(&w->lock);
	return rc;
}

static int put_json(struct writer *w, const char *path, const json_t *doc, size_t max,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(doc);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("%s of '%s'", path, w->store.name);
	int rc = ohc_json_check_text(text, strlen(text), max, what, err);

	return rc < 0 ? rc : ohc_tar_out_bytes(w->out, path, text, strlen(text), err);
}

static int writer_finish(struct ohc_store *s, struct ohc_error *err)
{
	struct writer *w = writer_of(s);
	int rc = start(w, err);

	ohc_index_table_free(ohc_take(w->table));
	ohc_loose_list(&w->loose, w->index);
	if (rc == 0)
		rc = put_json(w, "index.json", w->index, OHC_INDEX_JSON_MAX, err);
	if (rc == 0 && w->list)
		rc = put_json(w, "manifest.json", w->list, OHC_DOCKER_LIST_MAX, err);
	if (rc == 0)
		rc = ohc_tar_out_finish(w->out, err);
	return rc;
}

/* An archive that is being written cannot be read again. */
static int writer_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			       char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	(void)ret_bytes, (void)ret_media_type;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' is being written and has no '%s' yet",
			     s->name, ref ? ref : "image");
}

static int writer_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			    struct ohc_source **ret, struct ohc_error *err)
{
	(void)ret;
	return writer_get_manifest(s, d->digest, NULL, NULL, err);
}

static void writer_close(struct ohc_store *s)
{
	struct writer *w = writer_of(s);

	ohc_tar_out_free(w->out);
	ohc_index_table_free(w->table);
	json_decref(w->index);
	json_decref(w->list);
	ohc_loose_clear(&w->loose);
	ohc_set_free(w->written);
	ohc_map_free(w->items);
	ohc_map_free(w->names);
	pthread_mutex_destroy(&w->lock);
	free(w->repo);
	free(w);
}

int ohc_archive_create(const struct ohc_name *name, struct ohc_store **ret, struct ohc_error *err)
{
	static const struct ohc_store_ops ops = {
		.get_manifest = writer_get_manifest,
		.put_manifest = writer_put_manifest,
		.open_blob = writer_open_blob,
		.has_blob = writer_has_blob,
		.put_blob = writer_put_blob,
		.finish = writer_finish,
		.close = writer_close,
	};
	struct writer *w = ohc_xcalloc(1, sizeof(*w));
	int rc;

	w->store.ops = &ops;
	w->store.serial = true;
	pthread_mutex_init(&w->lock, NULL);
	w->index = ohc_index_json_new();
	w->table = ohc_index_table_new(w->index);
	w->items = ohc_map_new();
	w->names = ohc_map_new();
	w->written = ohc_set_new();
	if (name->transport == OHC_DOCKER_ARCHIVE)
		w->list = json_array();
	if (name->repo)
		w->repo = ohc_xasprintf("%s/%s", name->host, name->repo);
	rc = ohc_tar_out_open(name->path, &w->out, err);
	if (rc < 0) {
		writer_close(&w->store);
		return rc;
	}
	w->store.name = ohc_tar_out_name(w->out);
	*ret = &w->store;
	return 0;
}
