// SPDX-License-Identifier: Apache-2.0
/* Rules of descriptors, manifests and indexes; oci/image/rules_config.c has the config's. */
#include "oci/image/rules.h"

#include <ctype.h>
#include <string.h>

#include "core/base64.h"
#include "oci/documents/digest.h"

void ohc_rules_break(struct ohc_rules *r, const char *at, const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *where = NULL;
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	where = ohc_xasprintf("%s%s%s", at, *at ? " of " : "", r->what);
	r->found(r->ctx, where, message);
	r->broken++;
}

static void media_type(struct ohc_rules *r, const char *at, const json_t *obj, const char *key,
		       bool required)
{
	const json_t *v = json_object_get(obj, key);

	if (!v && required)
		ohc_rules_break(r, at, "has no '%s'", key);
	else if (v && (!json_is_string(v) || !ohc_media_valid(json_string_value(v))))
		ohc_rules_break(r, at, "'%s' is no media type", key);
}

/* Checks annotations (annotations.md): values are texts, and keys are not empty. */
static void check_annotations(struct ohc_rules *r, const char *at, const json_t *obj)
{
	json_t *annotations = json_object_get(obj, "annotations"), *v;
	const char *key;

	if (annotations && !json_is_object(annotations))
		ohc_rules_break(r, at, "'annotations' is not an object");
	json_object_foreach (annotations, key, v) {
		if (!*key)
			ohc_rules_break(r, at, "has an annotation without a name");
		if (!json_is_string(v))
			ohc_rules_break(r, at, "annotation '%.200s' is not a string", key);
	}
}

/* The decoder accepts more than the spec does, so the text must be what encoding the bytes again
 * gives. */
static char *decode(const char *text, size_t *ret_n)
{
	ohc_cleanup(ohc_freep) char *bytes = ohc_base64_decode(text, ret_n);
	ohc_cleanup(ohc_freep) char *again = bytes ? ohc_base64_encode(bytes, *ret_n) : NULL;

	return again && strcmp(again, text) == 0 ? ohc_take(bytes) : NULL;
}

static void embedded(struct ohc_rules *r, const char *at, const json_t *d)
{
	const char *text = json_string_value(json_object_get(d, "data"));
	const char *promised = json_string_value(json_object_get(d, "digest"));
	json_int_t size = json_integer_value(json_object_get(d, "size"));
	ohc_cleanup(ohc_freep) char *bytes = NULL;
	size_t n = 0;

	if (!json_object_get(d, "data"))
		return;
	bytes = text ? decode(text, &n) : NULL;
	if (!bytes) {
		ohc_rules_break(r, at, "'data' is not base64");
		return;
	}
	if (!promised || !ohc_digest_valid(promised))
		return;
	if ((json_int_t)n != size || !ohc_digest_is_of(promised, bytes, n))
		ohc_rules_break(r, at, "'data' is not what size and digest promise");
}

static void urls(struct ohc_rules *r, const char *at, const json_t *d)
{
	const json_t *list = json_object_get(d, "urls"), *v;
	size_t i;

	if (list && !json_is_array(list))
		ohc_rules_break(r, at, "'urls' is not an array");
	json_array_foreach (list, i, v)
		if (!json_is_string(v))
			ohc_rules_break(r, at, "'urls[%zu]' is not a string", i);
}

void ohc_rules_descriptor(struct ohc_rules *r, const char *at, const json_t *d)
{
	const json_t *size = json_object_get(d, "size"), *digest = json_object_get(d, "digest");
	struct ohc_error err = OHC_ERROR_INIT;

	if (!json_is_object(d)) {
		ohc_rules_break(r, at, "is not a descriptor (a JSON object)");
		return;
	}
	media_type(r, at, d, "mediaType", true);
	media_type(r, at, d, "artifactType", false);
	if (!json_is_string(digest))
		ohc_rules_break(r, at, "has no 'digest' that is a string");
	else if (ohc_digest_check(json_string_value(digest), "it", &err) < 0)
		ohc_rules_break(r, at, "%s", err.msg);
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		ohc_rules_break(r, at, "'size' is not a whole number that is not negative");
	urls(r, at, d);
	embedded(r, at, d);
	check_annotations(r, at, d);
}

static void whole(struct ohc_rules *r, const json_t *doc)
{
	const json_t *version = json_object_get(doc, "schemaVersion");

	if (!json_is_integer(version) || json_integer_value(version) != 2)
		ohc_rules_break(r, "", "'schemaVersion' is not 2");
	media_type(r, "", doc, "mediaType", false);
	media_type(r, "", doc, "artifactType", false);
	if (json_object_get(doc, "subject"))
		ohc_rules_descriptor(r, "subject", json_object_get(doc, "subject"));
	check_annotations(r, "", doc);
}

static const char *media_of(const json_t *d)
{
	const char *m = json_string_value(json_object_get(d, "mediaType"));

	return m ? m : "";
}

/* A media type of the other family makes a manifest that skopeo, buildah and podman refuse. */
static void family(struct ohc_rules *r, const char *at, const char *m, bool docker)
{
	static const char oci[] = "application/vnd.oci.image.";
	static const char rootfs[] = "application/vnd.docker.image.rootfs.";
	bool wrong = docker ? strncmp(m, oci, strlen(oci)) == 0
			    : strncmp(m, rootfs, strlen(rootfs)) == 0 ||
				      strcmp(m, OHC_MEDIA_DOCKER_CONFIG) == 0;

	if (wrong)
		ohc_rules_break(
			r, at,
			"is '%.255s' in a manifest of %s: many tools refuse what is mixed so", m,
			docker ? "Docker schema 2" : "OCI");
}

/* Layers of other kinds (nydus, encrypted ones) may stand beside the usual ones. */
static bool may_be_layer(const char *m)
{
	static const char any[] = "application/vnd.oci.image.layer.";

	return ohc_media_is_layer(m) || strncmp(m, any, strlen(any)) == 0;
}

static void layer(struct ohc_rules *r, const json_t *d, size_t i, bool docker, bool of_image)
{
	const char *m = media_of(d);
	char at[32];

	snprintf(at, sizeof(at), "layers[%zu]", i);
	ohc_rules_descriptor(r, at, d);
	if (of_image && *m && !may_be_layer(m))
		ohc_rules_break(r, at, "is '%.255s' in an image, which is no layer", m);
	family(r, at, m, docker);
}

/* BuildKit's attestations and cosign's signatures have an image's config, and nothing of an image.
 */
static bool is_image(const json_t *config, const json_t *layers)
{
	const json_t *d;
	bool any = false;
	size_t i;

	json_array_foreach (layers, i, d)
		any |= ohc_media_is_layer(media_of(d));
	return any && ohc_media_is_config(media_of(config));
}

void ohc_rules_manifest(struct ohc_rules *r, const json_t *doc)
{
	const json_t *config = json_object_get(doc, "config"), *d;
	const json_t *layers = json_object_get(doc, "layers");
	bool docker = strcmp(media_of(doc), OHC_MEDIA_DOCKER_MANIFEST) == 0;
	bool of_image = is_image(config, layers);
	size_t i;

	whole(r, doc);
	ohc_rules_descriptor(r, "config", config);
	family(r, "config", media_of(config), docker);
	if (strcmp(media_of(config), OHC_MEDIA_OCI_EMPTY) == 0 &&
	    !json_object_get(doc, "artifactType"))
		ohc_rules_break(r, "", "has an empty config and no 'artifactType'");
	if (!json_is_array(layers))
		ohc_rules_break(r, "", "'layers' is not an array");
	json_array_foreach (layers, i, d)
		layer(r, d, i, docker, of_image);
}

static void platform(struct ohc_rules *r, const char *at, const json_t *entry)
{
	static const char *const required[] = { "os", "architecture" };
	static const char *const optional[] = { "variant", "os.version" };
	const json_t *p = json_object_get(entry, "platform"), *v;

	if (!p)
		return;
	if (!json_is_object(p)) {
		ohc_rules_break(r, at, "'platform' is not an object");
		return;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(required); i++)
		if (!json_is_string(json_object_get(p, required[i])))
			ohc_rules_break(r, at, "'platform.%s' is not a string", required[i]);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(optional); i++) {
		v = json_object_get(p, optional[i]);
		if (v && !json_is_string(v))
			ohc_rules_break(r, at, "'platform.%s' is not a string", optional[i]);
	}
}

void ohc_rules_index(struct ohc_rules *r, const json_t *doc)
{
	const json_t *manifests = json_object_get(doc, "manifests"), *entry;
	char at[32];
	size_t i;

	whole(r, doc);
	if (!json_is_array(manifests))
		ohc_rules_break(r, "", "'manifests' is not an array");
	json_array_foreach (manifests, i, entry) {
		snprintf(at, sizeof(at), "manifests[%zu]", i);
		ohc_rules_descriptor(r, at, entry);
		platform(r, at, entry);
	}
}
