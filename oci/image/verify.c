// SPDX-License-Identifier: Apache-2.0
/*
 * The documents first, one after another, each telling its rules and adding what it refers to:
 * other documents to the queue, blobs to the list.  Then the blobs, each once, in parallel; what is
 * found in them is told when all are done, so that it stands in the order of the image.
 */
#include "oci/image/verify.h"

#include <string.h>

#include "core/parallel.h"
#include "oci/config/config.h"
#include "oci/documents/manifest.h"
#include "oci/image/rules.h"
#include "oci/image/verify_blob.h"
#include "oci/image/verify_list.h"

struct verify {
	struct ohc_store *store;
	const struct ohc_verify_options *options;
	struct ohc_verify_result result;
	struct ohc_verify_list list;
};

static void tell(void *ctx, const char *where, const char *message)
{
	struct verify *v = ctx;

	v->result.findings++;
	v->options->found(v->options->ctx, where, message);
}

static void compare_platform(struct verify *v, const struct ohc_verify_document *doc,
			     const json_t *config)
{
	ohc_cleanup(ohc_freep) char *message = NULL;
	char declared[OHC_PLATFORM_TEXT], is[OHC_PLATFORM_TEXT];
	struct ohc_platform have;

	ohc_config_platform(config, &have);
	if (!doc->has_platform || ohc_platform_match(&doc->platform, &have))
		return;
	if (strcmp(doc->platform.os, have.os) == 0 && strcmp(doc->platform.arch, have.arch) == 0 &&
	    !have.variant[0])
		return; /* builders leave the variant out of the config */
	message = ohc_xasprintf("its platform is %s here, and %s in its config",
				ohc_platform_text(&doc->platform, declared),
				ohc_platform_text(&have, is));
	tell(v, doc->where, message);
}

/* An artifact's config may be empty, or anything, and be called an image's; read tells whether it
 * is there. */
static bool is_free(const struct ohc_manifest *m, int read)
{
	return read == 0 && ohc_manifest_is_artifact(m);
}

/* ret stays NULL where nothing in the config can be relied on. */
static int check_config(struct verify *v, const struct ohc_verify_document *doc,
			const struct ohc_manifest *m, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("config of manifest %s", m->self.digest);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	struct ohc_rules rules = { .what = where, .found = tell, .ctx = v };
	struct ohc_error why = OHC_ERROR_INIT;
	struct ohc_verify_entry *b;
	int rc = ohc_verify_list_blob(&v->list, &m->config, "", where, tell, v, &b, err), read;

	if (rc < 0 || !ohc_media_is_config(m->config.media_type))
		return rc;
	if (b)
		b->read = true;
	read = rc = ohc_store_read_blob(v->store, &m->config, &bytes, &why);
	if (rc == 0)
		rc = ohc_config_parse(ohc_buf_str(&bytes), bytes.len, m->config.digest, &config,
				      &why);
	if (rc < 0 && !ohc_verify_blob_is_fault(rc))
		return ohc_error_copy(err, &why, rc);
	if (rc < 0) {
		if (!is_free(m, read))
			tell(v, where, why.msg);
		return 0;
	}
	/* An artifact need not say for which machine it is, or count its layers: no engine starts
	 * it. */
	if (ohc_manifest_is_artifact(m))
		return 0;
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
	struct ohc_verify_entry *b;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->n_layers; i++) {
		ohc_cleanup(ohc_freep) char *where = NULL;
		const char *id = json_string_value(json_array_get(ids, i));

		if (ohc_media_is_foreign(m->layers[i].media_type)) {
			v->result.skipped++;
			continue;
		}
		where = ohc_xasprintf("layers[%zu] of manifest %s", i, m->self.digest);
		rc = ohc_verify_list_blob(&v->list, &m->layers[i], id ? id : "", where, tell, v, &b,
					  err);
	}
	return rc;
}

static int check_manifest(struct verify *v, const struct ohc_verify_document *from,
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
		/* The document's references are not followed, but all its faults are told. */
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

static bool is_document(const struct ohc_descriptor *d)
{
	return ohc_media_is_manifest(d->media_type) || ohc_media_is_index(d->media_type);
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

		if (is_document(&index.entries[i].d))
			rc = ohc_verify_list_document(&v->list, &index.entries[i], where, err);
		else
			v->result.skipped++;
	}
	return rc;
}

static int check_document(struct verify *v, const struct ohc_verify_document *from,
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

/* Works through the queue, which grows meanwhile, so `from` is a copy. */
static int check_documents(struct verify *v, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->list.n_documents; i++) {
		ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
		struct ohc_verify_document from = v->list.documents[i];
		struct ohc_error why = OHC_ERROR_INIT;

		rc = ohc_store_get_child(v->store, &from.d, &doc, &why);
		if (rc == 0) {
			rc = check_document(v, &from, &doc, err);
		} else if (ohc_verify_blob_is_fault(rc)) {
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
	struct ohc_verify_document from = { .where = NULL };
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
	ohc_verify_list_seen(&v->list, doc.d.digest);
	return check_document(v, &from, &doc, err);
}

static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct verify *v = ctx;
	struct ohc_verify_entry *b = &v->list.blobs[i];

	if (b->read)
		return 0;
	return ohc_verify_blob(
		v->store, &b->d, b->diff_id,
		&(struct ohc_verify_blob_options){ v->options->report, v->options->plain_max },
		&b->problems, &b->plain, err);
}

static int check_blobs(struct verify *v, struct ohc_error *err)
{
	size_t jobs = v->options->jobs ? v->options->jobs : 1;
	int rc = ohc_parallel(v->list.n_blobs, jobs, work, v, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < v->list.n_blobs; i++) {
		const struct ohc_verify_entry *b = &v->list.blobs[i];

		v->result.bytes += (uint64_t)b->d.size;
		if (b->plain != OHC_PLAIN_UNKNOWN)
			v->result.plain_bytes += b->plain;
		for (size_t k = 0; k < b->problems.n; k++)
			tell(v, b->where, b->problems.v[k]);
	}
	v->result.blobs = v->list.n_blobs;
	return 0;
}

int ohc_verify_image(struct ohc_store *s, const char *ref, const struct ohc_verify_options *options,
		     struct ohc_verify_result *ret, struct ohc_error *err)
{
	struct verify v = { .store = s, .options = options };
	int rc;

	ohc_verify_list_init(&v.list);
	rc = check_root(&v, ref, err);
	if (rc == 0)
		rc = check_documents(&v, err);
	if (rc == 0)
		rc = check_blobs(&v, err);
	if (rc == 0)
		*ret = v.result;
	ohc_verify_list_clear(&v.list);
	return rc;
}
