// SPDX-License-Identifier: Apache-2.0
#include "oci/image/verify_list.h"

#include <string.h>

#define DOCUMENTS_MAX 10000
#define BLOBS_MAX     20000

void ohc_verify_list_init(struct ohc_verify_list *l)
{
	memset(l, 0, sizeof(*l));
	l->seen = json_object();
}

void ohc_verify_list_clear(struct ohc_verify_list *l)
{
	for (size_t i = 0; i < l->n_documents; i++)
		free(l->documents[i].where);
	for (size_t i = 0; i < l->n_blobs; i++) {
		free(l->blobs[i].where);
		ohc_strv_clear(&l->blobs[i].problems);
	}
	free(l->documents);
	free(l->blobs);
	json_decref(l->seen);
}

void ohc_verify_list_seen(struct ohc_verify_list *l, const char *digest)
{
	json_object_set_new(l->seen, digest, json_integer(-1));
}

static int too_many(const char *what, int max, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "the image has more than %d %s", max, what);
}

/* Room in powers of two, so n alone tells when there is none. */
static void *grow(void *array, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? ohc_xrealloc(array, n ? 2 * n : 1, size) : array;
}

int ohc_verify_list_document(struct ohc_verify_list *l, const struct ohc_index_entry *e,
			     const char *where, struct ohc_error *err)
{
	struct ohc_verify_document *doc;

	if (json_object_get(l->seen, e->d.digest))
		return 0;
	if (l->n_documents == DOCUMENTS_MAX)
		return too_many("manifests", DOCUMENTS_MAX, err);
	ohc_verify_list_seen(l, e->d.digest);
	l->documents = grow(l->documents, l->n_documents, sizeof(*l->documents));
	doc = &l->documents[l->n_documents++];
	memset(doc, 0, sizeof(*doc));
	doc->d = e->d;
	doc->where = ohc_xstrdup(where);
	doc->platform = e->platform;
	doc->has_platform = e->has_platform && !e->attestation;
	return 0;
}

/* A blob that is referred to twice must be promised the same both times. */
static void compare_promises(struct ohc_verify_entry *b, const struct ohc_descriptor *d,
			     const char *diff_id, const char *where, ohc_found_fn found, void *ctx)
{
	ohc_cleanup(ohc_freep) char *message = NULL;

	if (b->d.size != d->size)
		message = ohc_xasprintf("its size is %lld here, and %lld in %s", (long long)d->size,
					(long long)b->d.size, b->where);
	else if (b->diff_id[0] && diff_id[0] && strcmp(b->diff_id, diff_id) != 0)
		message = ohc_xasprintf("its diff ID is %s here, and %s in %s", diff_id, b->diff_id,
					b->where);
	if (message)
		found(ctx, where, message);
	if (!b->diff_id[0])
		strcpy(b->diff_id, diff_id);
}

int ohc_verify_list_blob(struct ohc_verify_list *l, const struct ohc_descriptor *d,
			 const char *diff_id, const char *where, ohc_found_fn found, void *ctx,
			 struct ohc_verify_entry **ret, struct ohc_error *err)
{
	const json_t *at = json_object_get(l->seen, d->digest);
	struct ohc_verify_entry *b;

	*ret = NULL;
	if (at && json_integer_value(at) >= 0)
		compare_promises(&l->blobs[json_integer_value(at)], d, diff_id, where, found, ctx);
	if (at)
		return 0;
	if (l->n_blobs == BLOBS_MAX)
		return too_many("blobs", BLOBS_MAX, err);
	json_object_set_new(l->seen, d->digest, json_integer((json_int_t)l->n_blobs));
	l->blobs = grow(l->blobs, l->n_blobs, sizeof(*l->blobs));
	b = &l->blobs[l->n_blobs++];
	memset(b, 0, sizeof(*b));
	b->d = *d;
	snprintf(b->diff_id, sizeof(b->diff_id), "%s", diff_id);
	b->where = ohc_xstrdup(where);
	*ret = b;
	return 0;
}
