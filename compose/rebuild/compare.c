// SPDX-License-Identifier: Apache-2.0
#include "compose/rebuild/compare.h"

#include <string.h>

#include "compose/composition/composition.h"
#include "core/alloc.h"

/* --- layers --- */

static bool is_later(const struct ohc_descriptor *v, size_t n, const char *digest)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].digest, digest) == 0)
			return true;
	return false;
}

static bool part_is_later(const struct ohc_part *v, size_t n, const char *digest)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].layer.d.digest, digest) == 0)
			return true;
	return false;
}

static void tell_extra(struct ohc_compare *c, size_t i)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("layers[%zu]", i);

	ohc_compare_tell(c, where, "%s is a layer that comes of nothing it was composed of",
			 c->is->manifest.layers[i].digest);
}

static void tell_missing(struct ohc_compare *c, size_t i, const struct ohc_part *should)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("layers[%zu]", i);

	ohc_compare_tell(c, where, "the %s layer %s is missing before it", should->layer.role,
			 should->layer.d.digest);
}

static void compare_descriptors(struct ohc_compare *c, size_t i, size_t k)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("layers[%zu]", i);
	const json_t *is = json_object_get(c->is->manifest.doc, "layers");
	const json_t *should = json_object_get(c->should->doc, "layers");

	ohc_compare_json(c, where, json_array_get(is, i), json_array_get(should, k));
}

/* Two layers that stand at the same number. */
static int compare_pair(struct ohc_compare *c, size_t i, const struct ohc_part *should,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("layers[%zu]", i);

	if (should->kind == OHC_PART_SMALL)
		return ohc_compare_adapter(c, i, should, err);
	ohc_compare_tell(c, where, "is %s, and should be the %s layer %s",
			 c->is->manifest.layers[i].digest, should->layer.role,
			 should->layer.d.digest);
	return 0;
}

/* Goes through both lists; what one of them has more is told as such. */
static int compare_layers(struct ohc_compare *c, struct ohc_error *err)
{
	const struct ohc_descriptor *is = c->is->manifest.layers;
	const struct ohc_part *should = c->parts->v;
	size_t n = c->is->manifest.n_layers, m = c->parts->n, i = 0, k = 0;
	int rc = 0;

	while (rc == 0 && (i < n || k < m)) {
		if (i == n) {
			tell_missing(c, i, &should[k++]);
		} else if (k == m) {
			tell_extra(c, i++);
		} else if (strcmp(is[i].digest, should[k].layer.d.digest) == 0) {
			compare_descriptors(c, i++, k++);
		} else if (is_later(is + i, n - i, should[k].layer.d.digest)) {
			tell_extra(c, i++);
		} else if (part_is_later(should + k, m - k, is[i].digest)) {
			tell_missing(c, i, &should[k++]);
		} else {
			rc = compare_pair(c, i++, &should[k++], err);
		}
	}
	return rc;
}

/* --- annotations --- */

static json_t *parsed(const json_t *text)
{
	const char *s = json_string_value(text);
	json_t *doc = NULL;

	if (s)
		ohc_json_parse(s, strlen(s), "", &doc, NULL);
	return doc;
}

/* The annotation about it all member by member; it was read before, so that it is JSON. */
static void compare_composition(struct ohc_compare *c, const json_t *is, const json_t *should)
{
	ohc_cleanup(ohc_json_decref) json_t *a = parsed(is), *b = parsed(should);
	size_t before = c->n;

	ohc_compare_json(c, "annotation " OHC_COMPOSITION, a, b);
	if (c->n == before && !json_equal(is, should))
		ohc_compare_tell(c, "annotation " OHC_COMPOSITION,
				 "says the same in another form than ohcompose writes");
}

static void compare_annotation(struct ohc_compare *c, const char *key, const json_t *is,
			       const json_t *should)
{
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("annotation %s", key);

	if (strcmp(key, OHC_COMPOSITION) == 0)
		compare_composition(c, is, should);
	else
		ohc_compare_json(c, where, is, should);
}

static void compare_annotations(struct ohc_compare *c)
{
	json_t *is = json_object_get(c->is->manifest.doc, "annotations"), *v;
	json_t *should = json_object_get(c->should->doc, "annotations");
	const char *key;

	json_object_foreach (is, key, v)
		compare_annotation(c, key, v, json_object_get(should, key));
	json_object_foreach (should, key, v)
		if (!json_object_get(is, key))
			compare_annotation(c, key, NULL, v);
}

/* --- the rest --- */

/* Layers, annotations and the config were compared, more closely. */
static void compare_manifest(struct ohc_compare *c)
{
	static const char *const told[] = { "layers", "annotations", "config" };
	ohc_cleanup(ohc_json_decref) json_t *is = json_copy(c->is->manifest.doc);
	ohc_cleanup(ohc_json_decref) json_t *should = json_copy(c->should->doc);

	for (size_t i = 0; i < OHC_ARRAY_SIZE(told); i++) {
		json_object_del(is, told[i]);
		json_object_del(should, told[i]);
	}
	ohc_compare_json(c, "manifest", is, should);
}

static int compare_config(struct ohc_compare *c, struct ohc_error *err)
{
	const struct ohc_descriptor *is = &c->is->manifest.config, *should = &c->should->config;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	size_t before = c->n;
	int rc = ohc_json_parse(c->config, strlen(c->config), "config", &config, err);

	if (rc < 0)
		return rc;
	ohc_compare_json(c, "config", c->is->config, config);
	if (c->n == before && strcmp(is->digest, should->digest) != 0)
		ohc_compare_tell(c, "config",
				 "says the same in another form than ohcompose writes");
	ohc_compare_json(
		c, "manifest.config.mediaType",
		json_object_get(json_object_get(c->is->manifest.doc, "config"), "mediaType"),
		json_object_get(json_object_get(c->should->doc, "config"), "mediaType"));
	return 0;
}

/* With the adapter layer as the image has it, which was found to be the same. */
static bool is_same_otherwise(const struct ohc_compare *c)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = json_deep_copy(c->should->doc);
	ohc_cleanup(ohc_freep) char *text = NULL;
	char digest[OHC_DIGEST_MAX];

	json_object_set(doc, "layers", json_object_get(c->is->manifest.doc, "layers"));
	text = ohc_json_text(doc);
	ohc_digest_of(text, strlen(text), digest);
	return strcmp(digest, c->is->manifest.self.digest) == 0;
}

int ohc_compare_images(struct ohc_compare *c, struct ohc_error *err)
{
	const char *digest = c->is->manifest.self.digest;
	bool same = strcmp(digest, c->written->d.digest) == 0;
	int rc = same ? 0 : compare_layers(c, err);

	if (same || rc < 0)
		return rc;
	rc = compare_config(c, err);
	compare_annotations(c);
	compare_manifest(c);
	if (rc == 0 && c->n == 0 && !(c->packed_elsewhere && is_same_otherwise(c)))
		ohc_compare_tell(c, "manifest",
				 "says the same in another form than ohcompose "
				 "writes");
	return rc;
}
