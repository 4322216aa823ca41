// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/manifest.h"

#include <string.h>

/* Parses a descriptor of a manifest, which must have a media type. */
static int parse_part(const json_t *obj, const char *part, const char *what,
		      struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("%s of %s", part, what);
	struct ohc_descriptor d;
	int rc = ohc_descriptor_parse(obj, where, &d, err);

	if (rc < 0)
		return rc;
	if (!d.media_type[0])
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no mediaType", where);
	*ret = d;
	return 0;
}

static int parse_layers(struct ohc_manifest *m, const char *what, struct ohc_error *err)
{
	json_t *layers = NULL, *layer;
	char part[32];
	size_t i;
	int rc = ohc_json_array(m->doc, "layers", what, &layers, err);

	if (rc < 0)
		return rc;
	if (json_array_size(layers) > OHC_LAYERS_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has %zu layers, the limit is %d", what,
				     json_array_size(layers), OHC_LAYERS_MAX);
	m->layers = ohc_xcalloc(json_array_size(layers), sizeof(*m->layers));
	json_array_foreach (layers, i, layer) {
		snprintf(part, sizeof(part), "layers[%zu]", i);
		rc = parse_part(layer, part, what, &m->layers[i], err);
		if (rc < 0)
			return rc;
		m->n_layers++;
	}
	return 0;
}

int ohc_manifest_parse(const struct ohc_document *doc, struct ohc_manifest *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("manifest %s", doc->d.digest);
	int rc;

	if (!ohc_media_is_manifest(doc->d.media_type))
		return ohc_error_set(err, OHC_E_FORMAT, "%s is not an image manifest, but '%s'",
				     what, doc->d.media_type);
	rc = ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, what, &m.doc, err);
	if (rc < 0)
		return rc;
	m.self = doc->d;
	m.family = ohc_media_family(doc->d.media_type);
	rc = parse_part(json_object_get(m.doc, "config"), "config", what, &m.config, err);
	if (rc == 0)
		rc = parse_layers(&m, what, err);
	if (rc < 0)
		return rc;
	*ret = m;
	m = (struct ohc_manifest)OHC_MANIFEST_INIT;
	return 0;
}

void ohc_manifest_clear(struct ohc_manifest *m)
{
	json_decref(m->doc);
	free(m->layers);
	*m = (struct ohc_manifest)OHC_MANIFEST_INIT;
}

bool ohc_manifest_is_artifact(const struct ohc_manifest *m)
{
	if (m->config.size <= 2)
		return true;
	for (size_t i = 0; i < m->n_layers; i++)
		if (ohc_media_is_layer(m->layers[i].media_type))
			return false;
	return m->n_layers > 0;
}

void ohc_manifest_add_layer(struct ohc_manifest *m, const struct ohc_descriptor *layer)
{
	json_t *layers = json_object_get(m->doc, "layers");

	if (!json_is_array(layers)) { /* Go writes null for none */
		layers = json_array();
		json_object_set_new(m->doc, "layers", layers);
	}
	json_array_append_new(layers, ohc_descriptor_json(layer));
	m->layers = ohc_xrealloc(m->layers, m->n_layers + 1, sizeof(*m->layers));
	m->layers[m->n_layers++] = *layer;
}

void ohc_manifest_set_layer(struct ohc_manifest *m, size_t i, const struct ohc_descriptor *layer)
{
	ohc_cleanup(ohc_json_decref) json_t *d = ohc_descriptor_json(layer);
	json_t *old = json_array_get(json_object_get(m->doc, "layers"), i);

	json_object_del(old, "data");
	json_object_del(old, "urls");
	json_object_update(old, d);
	m->layers[i] = *layer;
}

void ohc_manifest_set_config(struct ohc_manifest *m, const struct ohc_descriptor *config)
{
	ohc_cleanup(ohc_json_decref) json_t *d = ohc_descriptor_json(config);
	json_t *old = ohc_json_make_object(m->doc, "config");

	json_object_del(old, "data");
	json_object_update(old, d);
	m->config = *config;
}

void ohc_manifest_annotate(struct ohc_manifest *m, const char *key, const char *value)
{
	json_t *annotations;

	if (value) {
		annotations = ohc_json_make_object(m->doc, "annotations");
		json_object_set_new(annotations, key, ohc_json_text_value(value));
		return;
	}
	annotations = json_object_get(m->doc, "annotations");
	json_object_del(annotations, key);
	if (json_is_object(annotations) && json_object_size(annotations) == 0)
		json_object_del(m->doc, "annotations");
}

void ohc_manifest_write(const struct ohc_manifest *m, struct ohc_document *ret)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	char *text = ohc_json_text(m->doc);

	doc.bytes.data = text;
	doc.bytes.len = strlen(text);
	doc.bytes.cap = doc.bytes.len + 1;
	doc.follows_rules = m->config.digest[0] && m->n_layers <= OHC_LAYERS_MAX;
	ohc_descriptor_of(&doc.d, m->self.media_type, text, doc.bytes.len);
	*ret = doc;
}

void ohc_manifest_copy(struct ohc_manifest *ret, const struct ohc_manifest *m)
{
	struct ohc_manifest copy = *m;

	copy.doc = json_deep_copy(m->doc);
	copy.layers = ohc_xcalloc(m->n_layers, sizeof(*m->layers));
	if (m->n_layers)
		memcpy(copy.layers, m->layers, m->n_layers * sizeof(*m->layers));
	*ret = copy;
}

void ohc_manifest_init(struct ohc_manifest *m, enum ohc_family family)
{
	const char *media =
		family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_MANIFEST : OHC_MEDIA_OCI_MANIFEST;

	*m = (struct ohc_manifest)OHC_MANIFEST_INIT;
	m->family = family;
	m->doc = json_pack("{s:i, s:s, s:{}, s:[]}", "schemaVersion", 2, "mediaType", media,
			   "config", "layers");
	ohc_descriptor_set(&m->self, media, "", 0);
}
