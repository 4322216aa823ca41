// SPDX-License-Identifier: Apache-2.0
#include "oci/image/convert.h"

#include <string.h>

#define REFERENCE_DIGEST "vnd.docker.reference.digest"

static const struct {
	const char *type[2]; /* by enum ohc_family */
	bool only_read;      /* we do not write Docker's */
} pairs[] = {
	{ { OHC_MEDIA_OCI_INDEX, OHC_MEDIA_DOCKER_LIST }, false },
	{ { OHC_MEDIA_OCI_MANIFEST, OHC_MEDIA_DOCKER_MANIFEST }, false },
	{ { OHC_MEDIA_OCI_CONFIG, OHC_MEDIA_DOCKER_CONFIG }, false },
	{ { OHC_MEDIA_OCI_LAYER, OHC_MEDIA_DOCKER_LAYER_TAR }, false },
	{ { OHC_MEDIA_OCI_LAYER_GZIP, OHC_MEDIA_DOCKER_LAYER }, false },
	{ { OHC_MEDIA_OCI_LAYER_ZSTD, OHC_MEDIA_DOCKER_LAYER_ZSTD }, true },
	{ { OHC_MEDIA_OCI_LAYER_ND, OHC_MEDIA_DOCKER_FOREIGN_TAR }, false },
	{ { OHC_MEDIA_OCI_LAYER_ND "+gzip", OHC_MEDIA_DOCKER_FOREIGN }, false },
};

static const char *const family_names[] = { "OCI", "Docker schema 2" };

struct conversion {
	enum ohc_family from, to;
	ohc_lost_fn lost;
	void *ctx;
	const char *what; /* "manifest sha256:…" */
};

/* The family's media type that corresponds to m; m itself when it is the family's already, NULL
 * when the family has none. */
static const char *translate(const char *m, enum ohc_family to)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(pairs); i++) {
		if (strcmp(m, pairs[i].type[to]) == 0)
			return m;
		if (strcmp(m, pairs[i].type[!to]) == 0)
			return to == OHC_FAMILY_DOCKER && pairs[i].only_read ? NULL
									     : pairs[i].type[to];
	}
	return to == OHC_FAMILY_OCI && ohc_media_is_layer(m) ? m : NULL;
}

/* Media types of neither family may stay in a document that has them already. */
static bool may_stay(const struct conversion *c, const char *m)
{
	return c->from == c->to && !ohc_media_is_layer(m) && !ohc_media_is_config(m);
}

static void drop(const struct conversion *c, json_t *obj, const char *key, const char *where)
{
	ohc_cleanup(ohc_freep) char *text = NULL;

	if (json_object_del(obj, key) < 0 || !c->lost)
		return;
	text = ohc_xasprintf("%s of %s", key, where);
	c->lost(c->ctx, text);
}

/* Docker's documents know neither of these members; `data` only repeats the blob. */
static void drop_oci_members(const struct conversion *c, json_t *obj, const char *where)
{
	if (c->to != OHC_FAMILY_DOCKER || c->from == c->to)
		return;
	drop(c, obj, "annotations", where);
	drop(c, obj, "subject", where);
	drop(c, obj, "artifactType", where);
	json_object_del(obj, "data");
}

static int cannot(const struct conversion *c, const char *where, const char *m,
		  struct ohc_error *err)
{
	if (c->to == OHC_FAMILY_DOCKER && ohc_media_is_layer(m) &&
	    ohc_media_compression(m) == OHC_COMPRESSION_ZSTD)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "%s of %s is compressed with zstd, for which %s has no media "
				     "type that all engines take: use --format oci",
				     where, c->what, family_names[c->to]);
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "%s of %s is '%s', for which %s has no media type: only images can be "
			     "converted",
			     where, c->what, m, family_names[c->to]);
}

static int convert_part(const struct conversion *c, json_t *obj, const struct ohc_descriptor *d,
			const char *where, struct ohc_error *err)
{
	const char *m = translate(d->media_type, c->to);

	if (!m && may_stay(c, d->media_type))
		return 0;
	if (!m)
		return cannot(c, where, d->media_type, err);
	json_object_set_new(obj, "mediaType", json_string(m));
	drop_oci_members(c, obj, where);
	return 0;
}

bool ohc_convert_keeps(const struct ohc_manifest *m, enum ohc_family to)
{
	const struct conversion c = { m->family, to, NULL, NULL, "" };

	for (size_t i = 0; i <= m->n_layers; i++) {
		const struct ohc_descriptor *d = i < m->n_layers ? &m->layers[i] : &m->config;
		const char *is = translate(d->media_type, to);

		if (!is ? !may_stay(&c, d->media_type) : strcmp(is, d->media_type) != 0)
			return false;
	}
	return c.from == c.to;
}

static int convert_parts(const struct conversion *c, struct ohc_manifest *m, struct ohc_error *err)
{
	json_t *config = json_object_get(m->doc, "config");
	json_t *layers = json_object_get(m->doc, "layers");
	char where[32];
	int rc = convert_part(c, config, &m->config, "config", err);

	for (size_t i = 0; rc == 0 && i < m->n_layers; i++) {
		snprintf(where, sizeof(where), "layers[%zu]", i);
		rc = convert_part(c, json_array_get(layers, i), &m->layers[i], where, err);
	}
	return rc;
}

/* Writes the document again, with the media type that it has in the other family. */
static void write_document(const struct conversion *c, json_t *doc, const char *media_type,
			   struct ohc_document *ret)
{
	struct ohc_document out = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *text = NULL;
	const char *m = translate(media_type, c->to); /* there is one: the document was parsed */

	json_object_set_new(doc, "mediaType", json_string(m));
	drop_oci_members(c, doc, ohc_media_is_index(m) ? "the index" : "the manifest");
	text = ohc_json_text(doc);
	ohc_buf_adds(&out.bytes, text);
	ohc_descriptor_of(&out.d, m, text, out.bytes.len);
	*ret = out;
}

int ohc_convert_manifest(const struct ohc_document *doc, enum ohc_family to, ohc_lost_fn lost,
			 void *ctx, struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest %s", doc->d.digest);
	struct conversion c = { ohc_media_family(doc->d.media_type), to, lost, ctx, what };
	int rc = ohc_manifest_parse(doc, &m, err);

	if (rc < 0)
		return rc;
	if (ohc_convert_keeps(&m, to)) {
		ohc_document_copy(ret, doc);
		return 0;
	}
	rc = convert_parts(&c, &m, err);
	if (rc == 0)
		write_document(&c, m.doc, doc->d.media_type, ret);
	return rc;
}

int ohc_convert_layer(struct ohc_descriptor *d, enum ohc_family to, const char *what,
		      struct ohc_error *err)
{
	const struct conversion c = { to, to, NULL, NULL, what };
	const char *m = translate(d->media_type, to);
	ohc_cleanup(ohc_freep) char *where = NULL;

	if (m && m != d->media_type)
		snprintf(d->media_type, sizeof(d->media_type), "%s", m);
	if (m)
		return 0;
	where = ohc_xasprintf("layer %s", d->digest);
	return cannot(&c, where, d->media_type, err);
}

/* An index of the family may have had manifests of the other one. */
static bool is_same(const struct ohc_index *index, enum ohc_family to,
		    const struct ohc_descriptor *children)
{
	for (size_t i = 0; i < index->n; i++)
		if (ohc_convert_skips(&index->entries[i], to) ||
		    strcmp(index->entries[i].d.digest, children[i].digest) != 0)
			return false;
	return true;
}

bool ohc_convert_skips(const struct ohc_index_entry *entry, enum ohc_family to)
{
	return to == OHC_FAMILY_DOCKER && entry->attestation &&
	       ohc_media_family(entry->d.media_type) != to;
}

/* An attestation names the manifest that it is about, which has another digest now. */
static void follow_reference(json_t *entry, const struct ohc_index *index,
			     const struct ohc_descriptor *children)
{
	json_t *annotations = json_object_get(entry, "annotations");
	const char *digest = json_string_value(json_object_get(annotations, REFERENCE_DIGEST));

	for (size_t i = 0; digest && i < index->n; i++) {
		if (strcmp(index->entries[i].d.digest, digest) != 0)
			continue;
		json_object_set_new(annotations, REFERENCE_DIGEST, json_string(children[i].digest));
		return;
	}
}

static int convert_entry(const struct conversion *c, json_t *entry, const struct ohc_index *index,
			 size_t i, const struct ohc_descriptor *children, struct ohc_error *err)
{
	const struct ohc_descriptor *d = &children[i];
	char where[32];

	snprintf(where, sizeof(where), "manifests[%zu]", i);
	if (c->to == OHC_FAMILY_DOCKER && ohc_media_is_index(d->media_type))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "%s of %s is an index itself, which %s has no place for: keep "
				     "the image's format",
				     where, c->what, family_names[c->to]);
	follow_reference(entry, index, children);
	json_object_set_new(entry, "mediaType", json_string(d->media_type));
	json_object_set_new(entry, "digest", json_string(d->digest));
	json_object_set_new(entry, "size", json_integer(d->size));
	json_object_del(entry, "data"); /* of what it was before */
	drop_oci_members(c, entry, where);
	return 0;
}

int ohc_convert_index(const struct ohc_document *doc, enum ohc_family to,
		      const struct ohc_descriptor *children, ohc_lost_fn lost, void *ctx,
		      struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("index %s", doc->d.digest);
	struct conversion c = { ohc_media_family(doc->d.media_type), to, lost, ctx, what };
	json_t *entries;
	size_t kept = 0;
	int rc = ohc_index_parse(doc, &index, err);

	if (rc < 0)
		return rc;
	if (ohc_media_family(doc->d.media_type) == to && is_same(&index, to, children)) {
		ohc_document_copy(ret, doc);
		return 0;
	}
	entries = json_object_get(index.doc, "manifests");
	for (size_t i = 0; rc == 0 && i < index.n; i++) {
		if (ohc_convert_skips(&index.entries[i], to)) {
			json_array_remove(entries, kept);
			if (lost)
				lost(ctx, "an attestation");
			continue;
		}
		rc = convert_entry(&c, json_array_get(entries, kept++), &index, i, children, err);
	}
	if (rc == 0)
		write_document(&c, index.doc, doc->d.media_type, ret);
	return rc;
}
