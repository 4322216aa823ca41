// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/set.h"
#include "core/stamp.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"
#include "oci/documents/index_table.h"
#include "oci/dir/loose.h"
#include "oci/dir/visit.h"
#include "oci/store/referrers.h"

/* To replace index.json for each of thousands of tags would take hours. */
#define PENDING_MAX 500

struct tagging {
	char *tag;
	struct ohc_descriptor d;
};

struct layout {
	struct ohc_store store;
	enum ohc_dir_mode mode;
	struct ohc_report *report;
	pthread_mutex_t lock; /* for all below */
	struct ohc_dir_visit visit;
	struct ohc_strv fresh; /* digests that were written since the last commit */
	struct ohc_set *put;   /* digests of manifests that were put */
	struct ohc_loose loose;
	struct tagging pending[PENDING_MAX]; /* tags that are still to be set */
	size_t n_pending;

	/* index.json as it was read or written last, and what the file was like then.  Nobody edits
	 * the document any more, so that it may be read without the lock. */
	struct ohc_stamp stamp;
	json_t *index;                 /* NULL: it was not read yet */
	struct ohc_index_table *table; /* of it, made when it is first asked for */
};

static struct layout *layout_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct layout, store);
}

static int enter(struct layout *l, bool create, struct ohc_error *err)
{
	int rc;

	pthread_mutex_lock(&l->lock);
	rc = ohc_dir_visit_enter(&l->visit, create, l->report, err);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

/* Enters to look something up: a layout that is still to be made holds nothing. */
static int enter_to_read(struct layout *l, struct ohc_error *err)
{
	int rc = enter(l, false, err);

	if (l->mode == OHC_LAYOUT_WRITE && (rc == -OHC_E_FORMAT || rc == -OHC_E_NOT_FOUND))
		return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' holds no image yet", l->visit.dir);
	return rc;
}

static int enter_to_write(struct layout *l, struct ohc_error *err)
{
	if (l->mode != OHC_LAYOUT_WRITE)
		return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' was opened only to be read",
				     l->visit.dir);
	return enter(l, true, err);
}

/* Reads index.json; the stamp is no younger than what was read. */
static int read_index(struct layout *l, json_t **ret, struct ohc_stamp *ret_stamp,
		      struct ohc_error *err)
{
	*ret_stamp = ohc_dir_visit_stamp(&l->visit);
	return ohc_dir_index_read(l->visit.dir, l->mode == OHC_LAYOUT_WRITE, ret, err);
}

/* Takes ownership of index. */
static void keep_index(struct layout *l, json_t *index, const struct ohc_stamp *stamp)
{
	ohc_index_table_free(ohc_take(l->table));
	json_decref(l->index);
	l->index = index;
	l->stamp = *stamp;
}

static int open_file(struct layout *l, const char *digest, const char *kind, int *ret_fd,
		     struct ohc_error *err)
{
	int rc = enter_to_read(l, err);

	return rc < 0 ? rc : ohc_dir_blob_open(l->visit.dir, digest, kind, ret_fd, err);
}

static int layout_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			       char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	int fd, rc = open_file(layout_of(s), ref, "manifest", &fd, err);

	if (rc < 0)
		return rc;
	ret_media_type[0] = '\0';
	src = ohc_source_fd(fd, s->name);
	rc = ohc_source_read_all(src, OHC_DOCUMENT_MAX, ret_bytes, err);
	return rc == -OHC_E_FORMAT ? ohc_error_wrap(err, rc, "manifest %s in '%s'", ref, s->name)
				   : rc;
}

static int layout_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			    struct ohc_source **ret, struct ohc_error *err)
{
	int fd, rc = open_file(layout_of(s), d->digest, "blob", &fd, err);

	if (rc < 0)
		return rc;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*ret = ohc_source_fd(fd, s->name);
	return 0;
}

static int layout_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			   struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	ohc_cleanup(ohc_freep) char *path = ohc_dir_blob_path(l->visit.dir, d->digest);
	struct stat st;
	int rc = enter_to_read(l, err);

	if (rc == -OHC_E_NOT_FOUND) {
		*ret = false;
		return 0;
	}
	if (rc == 0)
		*ret = stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == d->size;
	return rc;
}

/* Notes the blob before it appears, so that it can be removed when the whole fails. */
static int commit_blob(struct layout *l, struct ohc_newfile *f, const char *digest,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_blob_path(l->visit.dir, digest);

	pthread_mutex_lock(&l->lock);
	if (access(path, F_OK) < 0)
		ohc_strv_add(&l->fresh, digest);
	pthread_mutex_unlock(&l->lock);
	return ohc_dir_blob_commit(l->visit.dir, f, digest, err);
}

static int layout_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	int rc = enter_to_write(l, err);

	if (rc == 0)
		rc = ohc_dir_blob_new(l->visit.dir, &f, err);
	if (rc == 0)
		rc = ohc_dir_blob_write(&f, up->source, up->known ? up->d.size : -1, err);
	if (rc == 0)
		rc = commit_blob(l, &f, up->d.digest, err);
	return rc;
}

static int layout_share_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			     struct ohc_store *from, const struct ohc_store_check *check, bool *ret,
			     struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_closep) int fd = -1;
	int rc = open_file(layout_of(from), d->digest, "blob", &fd, err);

	*ret = false;
	if (rc == 0)
		rc = enter_to_write(l, err);
	if (rc == 0)
		rc = ohc_dir_blob_new(l->visit.dir, &f, err);
	if (rc < 0 || !ohc_dir_blob_share(&f, fd))
		return rc;
	*ret = true;
	rc = ohc_dir_blob_read(&f, &src, err);
	if (rc == 0)
		rc = check->read(check, src, err);
	if (rc == 0)
		rc = commit_blob(l, &f, d->digest, err);
	return rc;
}

/* An edit of the index, made under its lock; false: nothing changed. */
typedef bool (*edit_fn)(json_t *index, struct layout *l, const void *arg);

/* The file is read again under its lock, whatever the stamp says: two changes within one tick of
 * the clock may look like none, and an edit of the older one would undo them.  With l->lock
 * held. */
static int edit_index(struct layout *l, edit_fn edit, const void *arg, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	ohc_cleanup(ohc_closep) int fd = -1;
	struct ohc_stamp stamp;
	bool changed = false;
	int rc = ohc_dir_visit_lock_index(&l->visit, l->report, &fd, err);

	if (rc == 0)
		rc = read_index(l, &index, &stamp, err);
	if (rc == 0)
		changed = edit(index, l, arg);
	if (changed)
		rc = ohc_dir_index_write(l->visit.dir, index, err);
	if (rc < 0)
		return rc;
	ohc_dir_visit_committed(&l->visit);
	keep_index(l, ohc_take(index), changed ? &l->visit.stamp : &stamp);
	ohc_strv_clear(&l->fresh);
	return 0;
}

static bool edit_tags(json_t *index, struct layout *l, const void *arg)
{
	struct ohc_index_table *t = ohc_index_table_new(index);
	bool changed = false;

	(void)arg;
	for (size_t i = 0; i < l->n_pending; i++)
		changed |= ohc_index_table_put(t, l->pending[i].tag, &l->pending[i].d);
	ohc_index_table_free(t);
	return changed;
}

static void forget_pending(struct layout *l)
{
	while (l->n_pending)
		free(l->pending[--l->n_pending].tag);
}

/* Sets the tags that wait.  With l->lock held. */
static int flush(struct layout *l, struct ohc_error *err)
{
	int rc = l->n_pending ? edit_index(l, edit_tags, NULL, err) : 0;

	if (rc == 0)
		forget_pending(l);
	return rc;
}

static bool edit_all(json_t *index, struct layout *l, const void *arg)
{
	bool changed = edit_tags(index, l, arg);

	return ohc_loose_list(&l->loose, index) || changed;
}

static bool edit_remove(json_t *index, struct layout *l, const void *arg)
{
	(void)l;
	return ohc_index_json_remove(index, arg);
}

/* Always writes a manifest's blob: one that is there with the right size may be damaged, and it is
 * small. */
static int put_document(struct layout *l, const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	int rc = enter_to_write(l, err);

	if (rc == 0)
		rc = ohc_dir_blob_new(l->visit.dir, &f, err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, ohc_buf_str(&doc->bytes), doc->bytes.len, err);
	if (rc == 0)
		rc = commit_blob(l, &f, doc->d.digest, err);
	return rc;
}

static int add_pending(struct layout *l, const char *tag, const struct ohc_descriptor *d,
		       struct ohc_error *err)
{
	int rc = l->n_pending == PENDING_MAX ? flush(l, err) : 0;

	if (rc == 0)
		l->pending[l->n_pending++] = (struct tagging){ ohc_xstrdup(tag), *d };
	return rc;
}

static const struct ohc_descriptor *find_pending(const struct layout *l, const char *tag)
{
	for (size_t i = l->n_pending; i-- > 0;)
		if (strcmp(l->pending[i].tag, tag) == 0)
			return &l->pending[i].d;
	return NULL;
}

static bool was_put(struct layout *l, const char *digest)
{
	bool was;

	pthread_mutex_lock(&l->lock);
	was = ohc_set_has(l->put, digest);
	pthread_mutex_unlock(&l->lock);
	return was;
}

static int layout_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			       struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	int rc = was_put(l, doc->d.digest) ? 0 : put_document(l, doc, err);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&l->lock);
	ohc_set_add(l->put, doc->d.digest);
	ohc_loose_put(&l->loose, tag, doc);
	if (tag)
		rc = add_pending(l, tag, &doc->d, err);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

/* --- what index.json says --- */

/* Reads it again where it is another file than it was.  With l->lock held. */
static int look_at_index(struct layout *l, struct ohc_error *err)
{
	struct ohc_stamp stamp = ohc_dir_visit_stamp(&l->visit);
	json_t *index;
	int rc;

	if (l->index && ohc_stamp_same(&stamp, &l->stamp))
		return 0;
	rc = read_index(l, &index, &stamp, err);
	if (rc == 0)
		keep_index(l, index, &stamp);
	return rc;
}

/* Without a tag all tags count. */
static int resolve(struct layout *l, const char *tag, struct ohc_descriptor *ret,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", l->visit.dir);
	const struct ohc_descriptor *pending = tag ? find_pending(l, tag) : NULL;
	int rc = tag ? 0 : flush(l, err);

	if (pending) {
		*ret = *pending;
		return 0;
	}
	if (rc == 0)
		rc = look_at_index(l, err);
	if (rc < 0)
		return rc;
	if (!l->table)
		l->table = ohc_index_table_new(l->index);
	return ohc_index_table_find(l->table, tag, what, ret, err);
}

static int layout_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			  struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	int rc = enter_to_read(l, err);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&l->lock);
	rc = resolve(l, tag, ret, err);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

/* With the tags that wait; the caller drops it. */
static int read_flushed(struct layout *l, json_t **ret, struct ohc_error *err)
{
	int rc = enter_to_read(l, err);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&l->lock);
	rc = flush(l, err);
	if (rc == 0)
		rc = look_at_index(l, err);
	if (rc == 0)
		*ret = json_incref(l->index);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static int layout_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	int rc = read_flushed(l, &index, err);

	if (rc == 0)
		ohc_index_json_tags(index, ret);
	return rc;
}

static int layout_get_referrers(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
				struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	int rc = read_flushed(l, &index, err);

	if (rc == 0)
		rc = ohc_referrers_from_index(s, index, digest, ret_bytes, err);
	return rc;
}

static int layout_delete_manifest(struct ohc_store *s, const char *ref, struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	int rc = enter_to_write(l, err);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&l->lock);
	rc = flush(l, err);
	if (rc == 0)
		rc = edit_index(l, edit_remove, ref, err);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static int layout_finish(struct ohc_store *s, struct ohc_error *err)
{
	struct layout *l = layout_of(s);
	int rc = 0;

	pthread_mutex_lock(&l->lock);
	if (l->n_pending || l->loose.n)
		rc = edit_index(l, edit_all, NULL, err);
	if (rc == 0) {
		forget_pending(l);
		ohc_loose_clear(&l->loose);
		ohc_strv_clear(&l->fresh);
		l->visit.created = false;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static void layout_close(struct ohc_store *s)
{
	struct layout *l = layout_of(s);

	if (l->fresh.n || l->visit.created || (l->visit.made && l->visit.fd < 0))
		ohc_dir_visit_abandon(&l->visit, &l->fresh);
	ohc_dir_visit_leave(&l->visit);
	ohc_strv_clear(&l->fresh);
	ohc_loose_clear(&l->loose);
	forget_pending(l);
	ohc_set_free(l->put);
	ohc_index_table_free(l->table);
	json_decref(l->index);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

int ohc_dir_open(const char *dir, enum ohc_dir_mode mode, struct ohc_report *report,
		 struct ohc_store **ret, struct ohc_error *err)
{
	static const struct ohc_store_ops ops = {
		.resolve = layout_resolve,
		.get_manifest = layout_get_manifest,
		.put_manifest = layout_put_manifest,
		.open_blob = layout_open_blob,
		.has_blob = layout_has_blob,
		.put_blob = layout_put_blob,
		.share_blob = layout_share_blob,
		.list_tags = layout_list_tags,
		.get_referrers = layout_get_referrers,
		.delete_manifest = layout_delete_manifest,
		.finish = layout_finish,
		.close = layout_close,
	};
	struct layout *l = ohc_xcalloc(1, sizeof(*l));
	int rc;

	l->store.ops = &ops;
	l->mode = mode;
	l->report = report;
	l->put = ohc_set_new();
	pthread_mutex_init(&l->lock, NULL);
	ohc_dir_visit_init(&l->visit, dir);
	l->store.name = l->visit.dir;
	if (mode == OHC_LAYOUT_READ)
		rc = ohc_dir_visit_enter(&l->visit, false, report, err);
	else
		rc = ohc_dir_may_make(l->visit.dir, err);
	if (rc < 0) {
		layout_close(&l->store);
		return rc;
	}
	*ret = &l->store;
	return 0;
}
