// SPDX-License-Identifier: Apache-2.0
#include "oci/image/describe.h"

#include <string.h>

#include "core/parallel.h"
#include "oci/config/config.h"
#include "oci/image/verify_blob.h"
#include "oci/image/resolve.h"

#define BASE_NAME   "org.opencontainers.image.base.name"
#define BASE_DIGEST "org.opencontainers.image.base.digest"

/* The first image of an index that names a platform, for callers to whom any will do. */
static int choose_first(struct ohc_store *s, const struct ohc_document *root,
			struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	struct ohc_platform host;
	int rc = ohc_index_parse(root, &index, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < index.n; i++)
		if (index.entries[i].has_platform && !index.entries[i].attestation)
			return ohc_resolve_image(s, root->d.digest, &index.entries[i].platform, ret,
						 NULL, NULL, err);
	ohc_platform_host(&host);
	return ohc_resolve_image(s, root->d.digest, &host, ret, NULL, NULL, err);
}

static int choose(struct ohc_store *s, const struct ohc_document *root,
		  const struct ohc_platform *platform, struct ohc_document *ret,
		  struct ohc_error *err)
{
	struct ohc_platform host;
	int rc;

	if (platform)
		return ohc_resolve_image(s, root->d.digest, platform, ret, NULL, NULL, err);
	ohc_platform_host(&host);
	rc = ohc_resolve_image(s, root->d.digest, &host, ret, NULL, NULL, err);
	return rc == -OHC_E_NOT_FOUND ? choose_first(s, root, ret, err) : rc;
}

int ohc_describe_choose(struct ohc_store *s, const char *ref, const struct ohc_platform *platform,
			struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document root = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_manifest(s, ref, &root, err);

	if (rc < 0)
		return rc;
	if (ohc_media_is_index(root.d.media_type))
		return choose(s, &root, platform, ret, err);
	*ret = root;
	root = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

static void keep(json_t *to, const char *key, const json_t *from, const char *member)
{
	json_t *v = json_object_get(from, member);

	if (v && !json_is_null(v))
		json_object_set(to, key, v);
}

static int describe_index(json_t *to, const struct ohc_document *root, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	char text[OHC_PLATFORM_TEXT];
	json_t *list, *entry;
	int rc = ohc_index_parse(root, &index, err);

	if (rc < 0)
		return rc;
	list = json_array();
	json_object_set_new(to, "index", list);
	for (size_t i = 0; i < index.n; i++) {
		const struct ohc_index_entry *e = &index.entries[i];

		entry = ohc_descriptor_json(&e->d);
		if (e->has_platform && !e->attestation)
			json_object_set_new(entry, "platform",
					    json_string(ohc_platform_text(&e->platform, text)));
		if (e->attestation)
			json_object_set_new(entry, "attestation", json_true());
		keep(entry, "annotations",
		     json_array_get(json_object_get(index.doc, "manifests"), i), "annotations");
		json_array_append_new(list, entry);
	}
	return 0;
}

static void describe_manifest(json_t *to, const struct ohc_manifest *m)
{
	const json_t *annotations = json_object_get(m->doc, "annotations");
	json_t *layers = json_array(), *base = json_object();
	int64_t size = 0;

	json_object_set_new(to, "manifest", ohc_descriptor_json(&m->self));
	keep(to, "artifactType", m->doc, "artifactType");
	keep(to, "subject", json_object_get(m->doc, "subject"), "digest");
	keep(to, "annotations", m->doc, "annotations");
	keep(base, "name", annotations, BASE_NAME);
	keep(base, "digest", annotations, BASE_DIGEST);
	if (json_object_size(base) > 0)
		json_object_set(to, "base", base);
	json_decref(base);
	for (size_t i = 0; i < m->n_layers; i++) {
		json_array_append_new(layers, ohc_descriptor_json(&m->layers[i]));
		if (__builtin_add_overflow(size, m->layers[i].size, &size))
			size = INT64_MAX;
	}
	json_object_set_new(to, "size", json_integer(size));
	json_object_set_new(to, "layers", layers);
}

static int add_config(struct ohc_store *s, json_t *to, const struct ohc_manifest *m,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	int rc;

	if (!ohc_media_is_config(m->config.media_type))
		return 0;
	rc = ohc_store_read_blob(s, &m->config, &bytes, err);
	if (rc == 0 && ohc_manifest_is_artifact(m) &&
	    ohc_config_parse(ohc_buf_str(&bytes), bytes.len, "", &config, NULL) < 0)
		return 0; /* its media type is an image config's, but it is none */
	if (rc == 0 && !config)
		rc = ohc_config_parse(ohc_buf_str(&bytes), bytes.len, m->config.digest, &config,
				      err);
	if (rc == 0)
		ohc_describe_config(to, m, config);
	return rc;
}

struct sizes {
	struct ohc_store *store;
	const struct ohc_manifest *m;
	const struct ohc_describe_options *options;
	uint64_t *plain;
};

static int measure(void *ctx, size_t i, struct ohc_error *err)
{
	struct sizes *sizes = ctx;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv problems = OHC_STRV_INIT;
	const struct ohc_verify_blob_options o = { sizes->options->report,
						   sizes->options->plain_max };
	int rc;

	if (ohc_media_is_foreign(sizes->m->layers[i].media_type))
		return 0;
	rc = ohc_verify_blob(sizes->store, &sizes->m->layers[i], "", &o, &problems,
			     &sizes->plain[i], err);
	if (rc == 0 && problems.n > 0 && sizes->plain[i] != OHC_PLAIN_UNKNOWN)
		return ohc_error_set(err, OHC_E_DIGEST, "layers[%zu] of manifest %s: %s", i,
				     sizes->m->self.digest, problems.v[0]);
	return rc;
}

static int add_plain_sizes(struct ohc_store *s, json_t *to, const struct ohc_manifest *m,
			   const struct ohc_describe_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) uint64_t *plain = ohc_xcalloc(m->n_layers, sizeof(*plain));
	struct sizes sizes = { s, m, o, plain };
	json_t *layers = json_object_get(to, "layers");
	uint64_t total = 0;
	bool all = true;
	int rc = ohc_parallel(m->n_layers, o->jobs ? o->jobs : 1, measure, &sizes, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < m->n_layers; i++) {
		json_t *layer = json_array_get(layers, i);

		if (plain[i] == OHC_PLAIN_UNKNOWN) {
			all = false;
			json_object_set_new(layer, "missing", json_true());
			continue;
		}
		total += plain[i];
		json_object_set_new(layer, "plainSize", json_integer((json_int_t)plain[i]));
	}
	if (all)
		json_object_set_new(to, "plainSize", json_integer((json_int_t)total));
	return 0;
}

static int mark_missing(struct ohc_store *s, json_t *to, const struct ohc_manifest *m,
			struct ohc_error *err)
{
	json_t *layers = json_object_get(to, "layers");

	for (size_t i = 0; i < m->n_layers; i++) {
		bool there = ohc_media_is_foreign(m->layers[i].media_type);
		int rc = there ? 0 : ohc_store_has_blob(s, &m->layers[i], &there, err);

		if (rc < 0)
			return rc;
		if (!there)
			json_object_set_new(json_array_get(layers, i), "missing", json_true());
	}
	return 0;
}

static int describe(struct ohc_store *s, json_t *to, const struct ohc_document *doc,
		    const struct ohc_describe_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	int rc = ohc_manifest_parse(doc, &m, err);

	if (rc < 0)
		return rc;
	describe_manifest(to, &m);
	rc = add_config(s, to, &m, err);
	if (rc == 0 && o->missing)
		rc = mark_missing(s, to, &m, err);
	if (rc == 0 && o->plain_sizes)
		rc = add_plain_sizes(s, to, &m, o, err);
	return rc;
}

/* An index without an image (of attestations alone, or empty) is described as such, unless a
 * platform was asked for. */
static int describe_chosen(struct ohc_store *s, json_t *to, const struct ohc_document *root,
			   const struct ohc_describe_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document image = OHC_DOCUMENT_INIT;
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = choose(s, root, o->platform, &image, &why);

	if (rc == -OHC_E_NOT_FOUND && !o->platform)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &why, rc);
	return describe(s, to, &image, o, err);
}

int ohc_describe_image(struct ohc_store *s, const char *name, const char *ref,
		       const struct ohc_describe_options *options, json_t **ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document root = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *to = json_object();
	int rc = ohc_store_get_manifest(s, ref, &root, err);

	if (rc < 0)
		return rc;
	json_object_set_new(to, "name", ohc_json_text_value(name));
	json_object_set_new(to, "digest", json_string(root.d.digest));
	json_object_set_new(to, "mediaType", json_string(root.d.media_type));
	if (ohc_media_is_index(root.d.media_type)) {
		rc = describe_index(to, &root, err);
		if (rc == 0)
			rc = describe_chosen(s, to, &root, options, err);
	} else {
		rc = describe(s, to, &root, options, err);
	}
	if (rc == 0)
		*ret = ohc_take(to);
	return rc;
}
