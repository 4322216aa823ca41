// SPDX-License-Identifier: Apache-2.0
/*
 * The documents first, one after another, each telling its rules and adding what it refers to: other
 * documents to the queue, blobs to the list.  Then the blobs, each once, in parallel; what is found
 * in them is told when all are done, so that it stands in the order of the image.
 */
#include "oci/verify.h"

#include <string.h>

#include "core/parallel.h"
#include "oci/config.h"
#include "oci/manifest.h"
#include "oci/rules.h"
#include "oci/verify_blob.h"

#define DOCUMENTS_MAX 10000
#define BLOBS_MAX     20000

struct document {
	struct ohc_descriptor d;
	char *where; /* what refers to it */
	struct ohc_platform platform;
	bool has_platform;
};

struct blob {
	struct ohc_descriptor d;
	char diff_id[OHC_DIGEST_MAX]; /* or "" */
	char *where;                  /* what refers to it first */
	bool read;                    /* already, as the configs are */
	struct ohc_strv problems;
	uint64_t plain;
};

struct verify {
	struct ohc_store *store;
	const struct ohc_verify_options *options;
	struct ohc_verify_result result;
	struct document *documents;
	size_t n_documents;
	struct blob *blobs;
	size_t n_blobs;
	json_t *seen; /* digest -> place in blobs, or -1 for a document */
};

static void tell(void *ctx, const char *where, const char *message)
{
	struct verify *v = ctx;

	v->result.findings++;
	v->options->found(v->options->ctx, where, message);
}

static void verify_clear(struct verify *v)
{
	for (size_t i = 0; i < v->n_documents; i++)
		free(v->documents[i].where);
	for (size_t i = 0; i < v->n_blobs; i++) {
		free(v->blobs[i].where);
		ohc_strv_clear(&v->blobs[i].problems);
	}
	free(v->documents);
	free(v->blobs);
	json_decref(v->seen);
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

static int add_document(struct verify *v, const struct ohc_index_entry *e, const char *where,
			struct ohc_error *err)
{
	struct document *doc;

	if (json_object_get(v->seen, e->d.digest))
		return 0;
	if (!ohc_media_is_manifest(e->d.media_type) && !ohc_media_is_index(e->d.media_type)) {
		v->result.skipped++;
		return 0;
	}
	if (v->n_documents == DOCUMENTS_MAX)
		return too_many("manifests", DOCUMENTS_MAX, err);
	json_object_set_new(v->seen, e->d.digest, json_integer(-1));
	v->documents = grow(v->documents, v->n_documents, sizeof(*v->documents));
	doc = &v->documents[v->n_documents++];
	memset(doc, 0, sizeof(*doc));
	doc->d = e->d;
	doc->where = ohc_xstrdup(where);
	doc->platform = e->platform;
	doc->has_platform = e->has_platform && !e->attestation;
	return 0;
}

/* A blob that is referred to twice must be promised the same both times. */
static void compare_promises(struct verify *v, struct blob *b, const struct ohc_descriptor *d,
			     const char *diff_id, const char *where)
{
	ohc_cleanup(ohc_freep) char *message = NULL;

	if (b->d.size != d->size)
		message = ohc_xasprintf("its size is %lld here, and %lld in %s", (long long)d->size,
					(long long)b->d.size, b->where);
	else if (b->diff_id[0] && diff_id[0] && strcmp(b->diff_id, diff_id) != 0)
		message = ohc_xasprintf("its diff ID is %s here, and %s in %s", diff_id, b->diff_id,
					b->where);
	if (message)
		tell(v, where, message);
	if (!b->diff_id[0])
		strcpy(b->diff_id, diff_id);
}

static int add_blob(struct verify *v, const struct ohc_descriptor *d, const char *diff_id,
		    const char *where, struct blob **ret, struct ohc_error *err)
{
	const json_t *at = json_object_get(v->seen, d->digest);
	struct blob *b;

	*ret = NULL;
	if (at && json_integer_value(at) >= 0)
		compare_promises(v, &v->blobs[json_integer_value(at)], d, diff_id, where);
	if (at)
		return 0;
	if (v->n_blobs == BLOBS_MAX)
		return too_many("blobs", BLOBS_MAX, err);
	json_object_set_new(v->seen, d->digest, json_integer((json_int_t)v->n_blobs));
	v->blobs = grow(v->blobs, v->n_blobs, sizeof(*v->blobs));
	b = &v->blobs[v->n_blobs++];
	memset(b, 0, sizeof(*b));
	b->d = *d;
	snprintf(b->diff_id, sizeof(b->diff_id), "%s", diff_id);
	b->where = ohc_xstrdup(where);
	*ret = b;
	return 0;
}

static void compare_platform(struct verify *v, const struct document *doc, const json_t *config)
{
	ohc_cleanup(ohc_freep) char *message = NULL;
	char said[OHC_PLATFORM_TEXT], is[OHC_PLATFORM_TEXT];
	struct ohc_platform have;

	ohc_config_platform(config, &have);
	if (!doc->has_platform || ohc_platform_match(&doc->platform, &have))
		return;
	if (strcmp(doc->platform.os, have.os) == 0 && strcmp(doc->platform.arch, have.arch) == 0 &&
	    !have.variant[0])
		return; /* builders leave the variant out of the config */
	message = ohc_xasprintf("its platform is %s here, and %s in its config",
				ohc_platform_text(&doc->platform, said),
				ohc_platform_text(&have, is));
	tell(v, doc->where, message);
}

/* *ret stays NULL where the config tells nothing that can be relied on. */
static int check_config(struct verify *v, const struct document *doc, const struct ohc_manifest *m,
			json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("config of manifest %s", m->self.digest);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	struct ohc_rules rules = { .what = where, .found = tell, .ctx = v };
	struct ohc_error why = OHC_ERROR_INIT;
	struct blob *b;
	int rc = add_blob(v, &m->config, "", where, &b, err);

	if (rc < 0 || !ohc_media_is_config(m->config.media_type))
		return rc;
	if (b)
		b->read = true;
	rc = ohc_store_read_blob(v->store, &m->config, &bytes, &why);
	if (rc == 0)
		rc = ohc_config_parse(ohc_buf_str(&bytes), bytes.len, m->config.digest, &config,
				      &why);
	if (rc < 0 && !ohc_verify_is_fault(rc))
		return ohc_error_copy(err, &why, rc);
	if (rc < 0) {
		tell(v, where, why.msg);
		return 0;
	}
	ohc_rules_config(&rules, config, m->n_layers);
	compare_platform(v, doc, config);
	if (ohc_config_n_layers(config) == m->n_layers)
		*ret = ohc_take(config);
	return 0;
}

static int add_layers(struct verify *v, const struct ohc_manifest *m, const json_t *config,
		      struct ohc_error *err)
{
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	struct blob *b;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->n_layers; i++) {
		ohc_cleanup(ohc_freep) char *where = NULL;
		const char *id = json_string_value(json_array_get(ids, i));

		if (ohc_media_is_foreign(m->layers[i].media_type)) {
			v->result.skipped++;
			continue;
		}
		where = ohc_xasprintf("layers[%zu] of manifest %s", i, m->self.digest);
		rc = add_blob(v, &m->layers[i], id ? id : "", where, &b, err);
	}
	return rc;
}

static int check_manifest(struct verify *v, const struct document *from,
			  const struct ohc_document *doc, struct ohc_rules *rules,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_manifest_parse(doc, &m, &why);

	if (rc == 0)
		ohc_rules_manifest(rules, m.doc);
	if (rc < 0) {
		/* Nothing can be followed, but all that is wrong is told. */
		ohc_cleanup(ohc_json_decref) json_t *j = NULL;

		if (ohc_json_parse(doc->bytes.data, doc->bytes.len, "", &j, NULL) == 0)
			ohc_rules_manifest(rules, j);
		if (rules->broken == 0)
			tell(v, rules->what, why.msg);
		return 0;
	}
	rc = check_config(v, from, &m, &config, err);
	return rc < 0 ? rc : add_layers(v, &m, config, err);
}

static int check_index(struct verify *v, const struct ohc_document *doc, struct ohc_rules *rules,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	ohc_cleanup(ohc_json_decref) json_t *j = NULL;
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_index_parse(doc, &index, &why);

	if (ohc_json_parse(doc->bytes.data, doc->bytes.len, "", &j, NULL) == 0)
		ohc_rules_index(rules, j);
	if (rc < 0 && rules->broken == 0)
		tell(v, rules->what, why.msg);
	rc = 0;
	for (size_t i = 0; rc == 0 && i < index.n; i++) {
		ohc_cleanup(ohc_freep) char *where =
			ohc_xasprintf("manifests[%zu] of %s", i, rules->what);

		rc = add_document(v, &index.entries[i], where, err);
	}
	return rc;
}

static int check_document(struct verify *v, const struct document *from,
			  const struct ohc_document *doc, struct ohc_error *err)
{
	bool is_index = ohc_media_is_index(doc->d.media_type);
	ohc_cleanup(ohc_freep) char *what =
		ohc_xasprintf("%s %s", is_index ? "index" : "manifest", doc->d.digest);
	struct ohc_rules rules = { .what = what, .found = tell, .ctx = v };

	v->result.documents++;
	return is_index ? check_index(v, doc, &rules, err)
			: check_manifest(v, from, doc, &rules, err);
}

/* Takes the queue on to its end, which grows meanwhile: `from` is a copy. */
static int check_documents(struct verify *v, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->n_documents; i++) {
		ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
		struct document from = v->documents[i];
		struct ohc_error why = OHC_ERROR_INIT;

		rc = ohc_store_get_child(v->store, &from.d, &doc, &why);
		if (rc == 0) {
			rc = check_document(v, &from, &doc, err);
		} else if (ohc_verify_is_fault(rc)) {
			tell(v, from.where, why.msg);
			rc = 0;
		} else {
			ohc_error_copy(err, &why, rc);
		}
	}
	return rc;
}

static int check_root(struct verify *v, const char *ref, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *where = NULL;
	struct document from = { .where = NULL };
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_store_get_manifest(v->store, ref, &doc, &why);

	if (rc == -OHC_E_DIGEST || rc == -OHC_E_FORMAT) {
		where = ohc_xasprintf("'%s'", ref ? ref : v->store->name);
		tell(v, where, why.msg);
		return 0;
	}
	if (rc < 0)
		return ohc_error_copy(err, &why, rc);
	v->result.root = doc.d;
	json_object_set_new(v->seen, doc.d.digest, json_integer(-1));
	return check_document(v, &from, &doc, err);
}

static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct verify *v = ctx;
	struct blob *b = &v->blobs[i];

	if (b->read)
		return 0;
	return ohc_verify_blob(v->store, &b->d, b->diff_id, v->options->report, &b->problems,
			       &b->plain, err);
}

static int check_blobs(struct verify *v, struct ohc_error *err)
{
	size_t jobs = v->options->jobs ? v->options->jobs : 1;
	int rc = ohc_parallel(v->n_blobs, jobs, work, v, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < v->n_blobs; i++) {
		const struct blob *b = &v->blobs[i];

		v->result.bytes += (uint64_t)b->d.size;
		v->result.plain_bytes += b->plain;
		for (size_t k = 0; k < b->problems.n; k++)
			tell(v, b->where, b->problems.v[k]);
	}
	v->result.blobs = v->n_blobs;
	return 0;
}

int ohc_verify_image(struct ohc_store *s, const char *ref, const struct ohc_verify_options *options,
		     struct ohc_verify_result *ret, struct ohc_error *err)
{
	ohc_cleanup(verify_clear) struct verify v = { .store = s, .options = options };
	int rc;

	v.seen = json_object();
	rc = check_root(&v, ref, err);
	if (rc == 0)
		rc = check_documents(&v, err);
	if (rc == 0)
		rc = check_blobs(&v, err);
	if (rc == 0)
		*ret = v.result;
	return rc;
}
