// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/newfile.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"
#include "oci/dir/visit.h"
#include "oci/store/store.h"

#define DEPTH_MAX 16

struct gc {
	const char *dir;
	const struct ohc_gc_options *o;
	json_t *marks; /* an object as a set of digests */
	struct ohc_gc_result result;
};

static int follow(struct gc *g, const json_t *descriptor, unsigned int depth,
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
static void mark_digests(struct gc *g, const json_t *value)
{
	const char *key, *text = json_string_value(value);
	json_t *v;
	size_t i;

	if (text && ohc_digest_valid(text) && !json_object_get(g->marks, text))
		json_object_set_new(g->marks, text, json_false());
	json_array_foreach (value, i, v)
		mark_digests(g, v);
	json_object_foreach ((json_t *)value, key, v)
		if (strcmp(key, "annotations") != 0 && strcmp(key, "subject") != 0)
			mark_digests(g, v);
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

/* Follows a document of any kind: a manifest, an index, an artifact manifest of older days. */
static int mark_document(struct gc *g, const json_t *doc, const char *media_type, const char *what,
			 unsigned int depth, struct ohc_error *err)
{
	json_t *d;
	size_t i;
	int rc = 0;

	if (!is_understood(doc) || !is_listed(doc, media_type))
		return stop(what, "is no manifest or index that can be read", err);
	mark_digests(g, doc);
	json_array_foreach (json_object_get(doc, "manifests"), i, d)
		if (rc == 0)
			rc = follow(g, d, depth, err);
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
static int read_document(struct gc *g, const char *digest, const char *media_type, const char *what,
			 json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	int fd, rc = ohc_dir_blob_open(g->dir, digest, "manifest", &fd, err);

	if (rc == -OHC_E_NOT_FOUND)
		ohc_report_say(g->o->report, OHC_WARNING,
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

/* Marks a document that is listed, and all that it leads to.  Digests of an algorithm that we do
 * not know need no mark, because their blobs are never swept, but what such a document refers to
 * would be missed. */
static int follow(struct gc *g, const json_t *descriptor, unsigned int depth, struct ohc_error *err)
{
	const char *digest = member(descriptor, "digest");
	const char *media_type = member(descriptor, "mediaType");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest %s in '%s'", digest, g->dir);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc;

	if (!ohc_digest_valid(digest)) {
		ohc_cleanup(ohc_freep) char *bad =
			ohc_xasprintf("'%s' lists a manifest '%.200s', which", g->dir, digest);

		return stop(bad, "is no digest that can be followed", err);
	}
	if (json_is_true(json_object_get(g->marks, digest)))
		return 0;
	json_object_set_new(g->marks, digest, json_true());
	if (depth > DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' has indexes that are nested more than %d deep", g->dir,
				     DEPTH_MAX);
	rc = read_document(g, digest, media_type, what, &doc, err);
	return rc > 0 ? mark_document(g, doc, media_type, what, depth + 1, err) : rc;
}

static int mark_all(struct gc *g, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	int rc = ohc_dir_index_read(g->dir, false, &index, err);

	if (rc == 0)
		rc = mark_document(g, index, OHC_MEDIA_OCI_INDEX, "index.json", 0, err);
	return rc;
}

static int consider(struct gc *g, int dirfd, const char *name, const char *algorithm,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *digest = ohc_xasprintf("%s:%s", algorithm, name);
	bool temporary = strncmp(name, OHC_TMP_PREFIX, strlen(OHC_TMP_PREFIX)) == 0;
	struct stat st;

	if (!temporary && !ohc_digest_valid(digest))
		return 0; /* another tool's: not ours to remove */
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		return 0;
	if (!temporary && json_object_get(g->marks, digest)) {
		g->result.kept++;
		g->result.kept_bytes += (uint64_t)st.st_size;
		return 0;
	}
	if (!g->o->dry_run && unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return ohc_error_sys(err, "cannot remove '%s' in '%s'", name, g->dir);
	ohc_report_say(g->o->report, OHC_VERBOSE, "%s %s, %lld bytes",
		       g->o->dry_run ? "would remove" : "removed", temporary ? name : digest,
		       (long long)st.st_size);
	g->result.removed++;
	g->result.removed_bytes += (uint64_t)st.st_size;
	return 0;
}

/* algorithm is "" for a directory in which only temporary files are ours. */
static int sweep(struct gc *g, const char *sub, const char *algorithm, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(g->dir, sub);
	struct dirent *entry;
	DIR *d = opendir(path);
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : ohc_error_sys(err, "cannot open '%s'", path);
	while (rc == 0 && (entry = readdir(d)))
		rc = consider(g, dirfd(d), entry->d_name, algorithm, err);
	closedir(d);
	return rc;
}

/* Other layouts may have the same blobs by a link of their own, and gc reads this one's index. */
static int check_own(const struct gc *g, struct ohc_error *err)
{
	static const char *const dirs[] = { "blobs", "blobs/sha256", "blobs/sha512" };
	struct stat st;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_path(g->dir, dirs[i]);

		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			return ohc_error_set(err, OHC_E_UNSUPPORTED,
					     "'%s' is a symbolic link, so who else uses what lies "
					     "there is not known: nothing was removed",
					     path);
	}
	return 0;
}

static int collect(struct gc *g, struct ohc_error *err)
{
	static const char *const dirs[][2] = { { "blobs/sha256", "sha256" },
					       { "blobs/sha512", "sha512" },
					       { "blobs", "" },
					       { ".", "" } };
	int rc = check_own(g, err);

	if (rc == 0)
		rc = mark_all(g, err);
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(dirs); i++)
		rc = sweep(g, dirs[i][0], dirs[i][1], err);
	return rc;
}

int ohc_dir_gc(const char *dir, const struct ohc_gc_options *o, struct ohc_gc_result *ret,
	       struct ohc_error *err)
{
	struct ohc_dir_visit visit;
	struct gc g = { .dir = dir, .o = o, .marks = json_object() };
	int rc;

	ohc_dir_visit_init(&visit, dir);
	rc = ohc_dir_visit_enter_alone(&visit, !o->no_wait, o->report, err);
	if (rc == 0)
		rc = collect(&g, err);
	ohc_dir_visit_leave(&visit);
	json_decref(g.marks);
	if (rc == 0)
		*ret = g.result;
	return rc;
}
