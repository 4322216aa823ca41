// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/marks.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/alloc.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"
#include "oci/documents/index_json.h"
#include "oci/store/store.h"

#define DEPTH_MAX 16

static int follow(struct ohc_dir_marks *m, const json_t *descriptor, unsigned int depth,
		  struct ohc_error *err);

static int stop(const char *what, const char *why, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s %s, so what it refers to is not known: nothing was removed", what,
			     why);
}

/* Marks every digest that a document has, whatever the member is called, so that what a newer
 * specification or another spelling refers to stays.  Annotations tell of other images, and a
 * subject is no part of what refers to it. */
static void mark_digests(struct ohc_dir_marks *m, const json_t *value)
{
	const char *key, *text = json_string_value(value);
	json_t *v;
	size_t i;

	if (text && ohc_digest_valid(text) && !json_object_get(m->digests, text))
		json_object_set_new(m->digests, text, json_false());
	json_array_foreach (value, i, v)
		mark_digests(m, v);
	json_object_foreach ((json_t *)value, key, v)
		if (strcmp(key, "annotations") != 0 && strcmp(key, "subject") != 0)
			mark_digests(m, v);
}

/* Is what the document lists under the name that we know?  Go's tools read "Manifests", too, and
 * what that leads to would be missed. */
static bool is_listed(const json_t *doc, const char *media_type)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)doc, key, v)
		if (strcasecmp(key, "manifests") == 0 && strcmp(key, "manifests") != 0)
			return false;
	return !ohc_media_is_index(media_type) || json_object_get(doc, "manifests");
}

/* Members that refer to blobs.  Each may be absent; one of another type is an error. */
static bool is_understood(const json_t *doc)
{
	static const char *const lists[] = { "layers", "blobs", "manifests", "fsLayers" };
	const json_t *config = json_object_get(doc, "config"), *list, *d;
	bool yes = !config || json_is_null(config) || json_is_object(config);
	size_t k;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(lists); i++) {
		list = json_object_get(doc, lists[i]);
		yes = yes && (!list || json_is_null(list) || json_is_array(list));
		json_array_foreach (list, k, d)
			yes = yes && json_is_object(d);
	}
	return yes;
}

static int check_document(const json_t *doc, const char *media_type, const char *what,
			  struct ohc_error *err)
{
	if (is_understood(doc) && is_listed(doc, media_type))
		return 0;
	return stop(what, "is no manifest or index that can be read", err);
}

/* Follows a document of any kind: a manifest, an index, an artifact manifest of older days. */
static int mark_document(struct ohc_dir_marks *m, const json_t *doc, const char *media_type,
			 const char *what, unsigned int depth, struct ohc_error *err)
{
	json_t *d;
	size_t i;
	int rc = check_document(doc, media_type, what, err);

	if (rc < 0)
		return rc;
	mark_digests(m, doc);
	json_array_foreach (json_object_get(doc, "manifests"), i, d)
		if (rc == 0)
			rc = follow(m, d, depth, err);
	return rc;
}

/* Checks the digest before anything is parsed: the references of a damaged document cannot be
 * trusted. */
static int check_digest(const char *digest, const struct ohc_buf *bytes, const char *what,
			struct ohc_error *err)
{
	if (ohc_digest_is_of(digest, ohc_buf_str(bytes), bytes->len))
		return 0;
	return ohc_error_set(err, OHC_E_DIGEST,
			     "%s is damaged, so what it refers to is not known: nothing was "
			     "removed",
			     what);
}

/* An index may list a blob that is no document (image-layout.md shows an XML file), which refers to
 * nothing.  A blob is taken for a document when its media type is JSON or absent, or its bytes look
 * like JSON. */
static bool is_document(const char *media_type, const struct ohc_buf *bytes)
{
	const char *tail = strrchr(media_type, '+');
	const char *s = ohc_buf_str(bytes);

	return !*media_type || (tail && strcmp(tail, "+json") == 0) ||
	       s[strspn(s, " \t\r\n")] == '{';
}

static int parse_document(const char *media_type, const struct ohc_buf *bytes, const char *what,
			  json_t **ret, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_json_parse(ohc_buf_str(bytes), bytes->len, "it", ret, &why);

	if (rc == 0)
		return 1;
	return is_document(media_type, bytes) ? stop(what, why.msg, err) : 0;
}

/* 1: *ret is the document; 0: the blob is no document that refers to others; or a code. */
static int read_document(struct ohc_dir_marks *m, const char *digest, const char *media_type,
			 const char *what, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	int fd, rc = ohc_dir_blob_open(m->dir, digest, "manifest", &fd, err);

	if (rc == -OHC_E_NOT_FOUND)
		ohc_report_say(m->report, OHC_WARNING,
			       "%s is missing: blobs that only it refers to are removed", what);
	if (rc < 0)
		return rc == -OHC_E_NOT_FOUND ? 0 : rc;
	src = ohc_source_fd(fd, what);
	rc = ohc_source_read_all(src, OHC_DOCUMENT_MAX, &bytes, err);
	if (rc == -OHC_E_FORMAT)
		return is_document(media_type, &bytes) ? stop(what, "is too large", err) : 0;
	if (rc == 0)
		rc = check_digest(digest, &bytes, what, err);
	return rc < 0 ? rc : parse_document(media_type, &bytes, what, ret, err);
}

static const char *member(const json_t *descriptor, const char *key)
{
	const char *s = json_string_value(json_object_get(descriptor, key));

	return s ? s : "";
}

static bool was_followed(const struct ohc_dir_marks *m, const char *digest)
{
	return json_is_true(json_object_get(m->digests, digest));
}

/* Marks a document that is listed, and all that it leads to.  Digests of an algorithm that we do
 * not know need no mark, because their blobs are never swept, but what such a document refers to
 * would be missed. */
static int follow(struct ohc_dir_marks *m, const json_t *descriptor, unsigned int depth,
		  struct ohc_error *err)
{
	const char *digest = member(descriptor, "digest");
	const char *media_type = member(descriptor, "mediaType");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest %s in '%s'", digest, m->dir);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc;

	if (!ohc_digest_valid(digest)) {
		ohc_cleanup(ohc_freep) char *bad =
			ohc_xasprintf("'%s' lists a manifest '%.200s', which", m->dir, digest);

		return stop(bad, "is no digest that can be followed", err);
	}
	if (was_followed(m, digest))
		return 0;
	json_object_set_new(m->digests, digest, json_true());
	if (depth > DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' has indexes that are nested more than %d deep", m->dir,
				     DEPTH_MAX);
	rc = read_document(m, digest, media_type, what, &doc, err);
	return rc > 0 ? mark_document(m, doc, media_type, what, depth + 1, err) : rc;
}

/* --- the entries of index.json --- */

/* Whoever gave it a name means to keep it. */
static bool is_named(const json_t *entry)
{
	const json_t *annotations = json_object_get(entry, "annotations");

	return *ohc_index_json_tag(entry) || json_object_get(annotations, OHC_CONTAINERD_NAME);
}

static bool is_there(const struct ohc_dir_marks *m, const char *digest)
{
	ohc_cleanup(ohc_freep) char *path = NULL;

	if (!ohc_digest_valid(digest))
		return false;
	path = ohc_dir_blob_path(m->dir, digest);
	return access(path, F_OK) == 0;
}

/* Finds the subject that decides on an entry: NULL where it has a name of its own, its manifest has
 * no subject, or has one that lies elsewhere, so that gc does not remove it. */
static int find_subject(struct ohc_dir_marks *m, const json_t *entry, json_t **ret,
			struct ohc_error *err)
{
	const char *digest = member(entry, "digest");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest %s in '%s'", digest, m->dir);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *subject;
	int rc;

	if (is_named(entry) || !is_there(m, digest))
		return 0;
	rc = read_document(m, digest, member(entry, "mediaType"), what, &doc, err);
	subject = json_object_get(json_object_get(doc, "subject"), "digest");
	if (rc > 0 && is_there(m, json_string_value(subject) ? json_string_value(subject) : ""))
		*ret = json_incref(subject);
	return rc < 0 ? rc : 0;
}

static int mark_entry(struct ohc_dir_marks *m, const json_t *entry, struct ohc_error *err)
{
	mark_digests(m, entry);
	return follow(m, entry, 0, err);
}

/* Marks an entry, or lets it wait until all is marked that does not depend on a subject. */
static int mark_or_wait(struct ohc_dir_marks *m, json_t *entry, json_t *waiting,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *subject = NULL;
	int rc = find_subject(m, entry, &subject, err);

	if (rc == 0 && !subject)
		return mark_entry(m, entry, err);
	if (rc == 0)
		json_array_append_new(waiting, json_pack("[O, O]", entry, subject));
	return rc;
}

/* Marks those of waiting whose subject stays; a referrer may be the subject of others. */
static int mark_waiting(struct ohc_dir_marks *m, const json_t *waiting, struct ohc_error *err)
{
	bool again = true;
	int rc = 0;

	while (rc == 0 && again) {
		json_t *pair;
		size_t i;

		again = false;
		json_array_foreach (waiting, i, pair) {
			const json_t *entry = json_array_get(pair, 0);
			const char *subject = json_string_value(json_array_get(pair, 1));

			if (rc < 0 || was_followed(m, member(entry, "digest")) ||
			    !ohc_dir_marks_has(m, subject))
				continue;
			rc = mark_entry(m, entry, err);
			again = true;
		}
	}
	return rc;
}

static void note_orphans(struct ohc_dir_marks *m, const json_t *waiting)
{
	json_t *pair;
	size_t i;

	json_array_foreach (waiting, i, pair) {
		const char *digest = member(json_array_get(pair, 0), "digest");

		if (!ohc_dir_marks_has(m, digest) && ohc_set_add(m->orphans, digest))
			m->n_orphans++;
	}
}

static int mark_entries(struct ohc_dir_marks *m, const json_t *entries, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *waiting = json_array();
	json_t *entry;
	size_t i;
	int rc = 0;

	json_array_foreach (entries, i, entry)
		if (rc == 0)
			rc = mark_or_wait(m, entry, waiting, err);
	if (rc == 0)
		rc = mark_waiting(m, waiting, err);
	if (rc == 0)
		note_orphans(m, waiting);
	return rc;
}

int ohc_dir_marks_make(struct ohc_dir_marks *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	ohc_cleanup(ohc_json_decref) json_t *entries = NULL;
	int rc = ohc_dir_index_read(m->dir, false, &index, err);

	m->digests = json_object();
	m->orphans = ohc_set_new();
	if (rc == 0)
		rc = check_document(index, OHC_MEDIA_OCI_INDEX, "index.json", err);
	if (rc < 0)
		return rc;
	entries = json_incref(json_object_get(index, "manifests"));
	json_object_del(index, "manifests");
	mark_digests(m, index);
	return mark_entries(m, entries, err);
}

bool ohc_dir_marks_has(const struct ohc_dir_marks *m, const char *digest)
{
	return json_object_get(m->digests, digest) != NULL;
}

void ohc_dir_marks_clear(struct ohc_dir_marks *m)
{
	json_decref(m->digests);
	ohc_set_free(m->orphans);
	*m = (struct ohc_dir_marks){ 0 };
}
