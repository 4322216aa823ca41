// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/oci.h"

#include "core/alloc.h"
#include "oci/archive/layout.h"
#include "oci/documents/index_table.h"
#include "oci/store/referrers.h"

struct oci_archive {
	struct ohc_store store;
	struct ohc_archive *files;
	json_t *index;
	struct ohc_index_table *table; /* of index */
};

static struct oci_archive *archive_of(struct ohc_store *s)
{
	return OHC_CONTAINER_OF(s, struct oci_archive, store);
}

static int archive_resolve(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", s->name);

	return ohc_index_table_find(archive_of(s)->table, tag, what, ret, err);
}

static int find(struct ohc_store *s, const char *digest, const char *kind,
		const struct ohc_archive_file **ret, struct ohc_error *err)
{
	*ret = ohc_archive_blob(archive_of(s)->files, digest);
	if (*ret)
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "%s %s is not in '%s'", kind, digest, s->name);
}

static int archive_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
				char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	const struct ohc_archive_file *f;
	int rc = find(s, ref, "manifest", &f, err);

	ret_media_type[0] = '\0';
	if (rc == 0)
		rc = ohc_archive_read(archive_of(s)->files, f, OHC_DOCUMENT_MAX, ret_bytes, err);
	return rc;
}

static int archive_open_blob(struct ohc_store *s, const struct ohc_descriptor *d,
			     struct ohc_source **ret, struct ohc_error *err)
{
	const struct ohc_archive_file *f;
	int rc = find(s, d->digest, "blob", &f, err);

	if (rc == 0)
		*ret = ohc_archive_source(archive_of(s)->files, f);
	return rc;
}

static int archive_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
			    struct ohc_error *err)
{
	const struct ohc_archive_file *f = ohc_archive_blob(archive_of(s)->files, d->digest);

	(void)err;
	*ret = f && f->size == d->size;
	return 0;
}

static int archive_list_tags(struct ohc_store *s, struct ohc_strv *ret, struct ohc_error *err)
{
	(void)err;
	ohc_index_json_tags(archive_of(s)->index, ret);
	return 0;
}

static int archive_get_referrers(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
				 struct ohc_error *err)
{
	return ohc_referrers_from_index(s, archive_of(s)->index, digest, ret_bytes, err);
}

static int archive_put_manifest(struct ohc_store *s, const char *tag,
				const struct ohc_document *doc, struct ohc_error *err)
{
	(void)tag, (void)doc;
	return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' was opened only to be read", s->name);
}

static int archive_put_blob(struct ohc_store *s, struct ohc_upload *up, struct ohc_error *err)
{
	(void)up;
	return archive_put_manifest(s, NULL, NULL, err);
}

static void archive_close(struct ohc_store *s)
{
	struct oci_archive *a = archive_of(s);

	ohc_archive_close(a->files);
	ohc_index_table_free(a->table);
	json_decref(a->index);
	free(a);
}

int ohc_oci_archive_open(const char *file, struct ohc_report *report, struct ohc_store **ret,
			 struct ohc_error *err)
{
	static const struct ohc_store_ops ops = {
		.resolve = archive_resolve,
		.get_manifest = archive_get_manifest,
		.put_manifest = archive_put_manifest,
		.open_blob = archive_open_blob,
		.has_blob = archive_has_blob,
		.put_blob = archive_put_blob,
		.list_tags = archive_list_tags,
		.get_referrers = archive_get_referrers,
		.close = archive_close,
	};
	struct oci_archive *a = ohc_xcalloc(1, sizeof(*a));
	int rc = ohc_archive_open(file, report, &a->files, err);

	if (rc == 0)
		rc = ohc_archive_layout(a->files, &a->index, err);
	if (rc == 0 && !a->index)
		rc = ohc_error_set(err, OHC_E_FORMAT,
				   "'%s' is no OCI archive: it has no 'oci-layout' file%s",
				   ohc_archive_name(a->files),
				   ohc_archive_find(a->files, "manifest.json")
					   ? " (it looks like a docker-archive)"
					   : "");
	a->store.ops = &ops;
	if (rc < 0) {
		archive_close(&a->store);
		return rc;
	}
	a->table = ohc_index_table_new(a->index);
	a->store.name = ohc_archive_name(a->files);
	a->store.serial = ohc_archive_is_stream(a->files);
	*ret = &a->store;
	return 0;
}
