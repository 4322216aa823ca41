// SPDX-License-Identifier: Apache-2.0
/* CycloneDX 1.6 (ECMA-424) as JSON: cyclonedx.org/docs/1.6/json. */
#include <string.h>

#include "core/alloc.h"
#include "layout/sbom/sbom_internal.h"

#define VERSION_MAX 1024 /* by its schema */

/* A `license` is an SPDX expression or a name.  What distributions write is not always one, so it
 * is given as what it is called. */
static void add_license(json_t *out, const char *license)
{
	if (license)
		json_object_set_new(
			out, "licenses",
			json_pack("[{s:{s:o}}]", "license", "name", ohc_json_text_value(license)));
}

static void add_property(json_t *list, const char *name, const char *value)
{
	if (value)
		json_array_append_new(list, json_pack("{s:s, s:o}", "name", name, "value",
						      ohc_json_text_value(value)));
}

static json_t *places(const struct ohc_strv *paths)
{
	json_t *list = json_array();

	for (size_t i = 0; i < paths->n; i++)
		json_array_append_new(
			list, json_pack("{s:o}", "location", ohc_json_text_value(paths->v[i])));
	return list;
}

static json_t *component(const struct ohc_sbom_component *c)
{
	ohc_cleanup(ohc_freep) char *purl = ohc_sbom_purl(c);
	json_t *out = json_pack("{s:s, s:o, s:o}", "type",
				c->kind == OHC_SBOM_GENERIC ? "application" : "library", "bom-ref",
				ohc_json_text_value(purl), "name", ohc_json_text_value(c->name));
	json_t *properties = json_array();

	if (c->version && strlen(c->version) <= VERSION_MAX)
		json_object_set_new(out, "version", ohc_json_text_value(c->version));
	add_license(out, c->license);
	json_object_set_new(out, "purl", ohc_json_text_value(purl));
	if (c->paths.n > 0)
		json_object_set_new(out, "evidence",
				    json_pack("{s:o}", "occurrences", places(&c->paths)));
	add_property(properties, "io.ohcompose:source", c->source);
	if (json_array_size(properties) > 0)
		json_object_set(out, "properties", properties);
	json_decref(properties);
	return out;
}

static json_t *file(const struct ohc_sbom_file *f, const struct ohc_sbom_digests *d)
{
	return json_pack("{s:s, s:o, s:o, s:[{s:s, s:s}]}", "type", "file", "bom-ref",
			 ohc_json_text_value(f->path), "name", ohc_json_text_value(f->path),
			 "hashes", "alg", "SHA-256", "content", d->sha256);
}

static json_t *metadata(const struct ohc_sbom *bom)
{
	json_t *subject = json_pack("{s:s, s:s, s:o}", "type", "application", "bom-ref", "payload",
				    "name", ohc_json_text_value(bom->prefix));

	if (bom->version)
		json_object_set_new(subject, "version", ohc_json_text_value(bom->version));
	return json_pack("{s:{s:[{s:s, s:s, s:s}]}, s:o}", "tools", "components", "type",
			 "application", "name", "ohcompose", "version", OHC_VERSION, "component",
			 subject);
}

int ohc_sbom_cyclonedx(const struct ohc_sbom *bom, struct ohc_sink *out, struct ohc_error *err)
{
	struct ohc_sbom_digests digests;
	struct ohc_sbom_writer w;
	char serial[OHC_SBOM_UUID];

	ohc_sbom_begin(&w, out);
	ohc_sbom_member(&w, "$schema",
			json_string("http://cyclonedx.org/schema/bom-1.6.schema.json"));
	ohc_sbom_member(&w, "bomFormat", json_string("CycloneDX"));
	ohc_sbom_member(&w, "specVersion", json_string("1.6"));
	ohc_sbom_member(&w, "version", json_integer(1));
	ohc_sbom_member(&w, "metadata", metadata(bom));
	ohc_sbom_list(&w, "components");
	for (size_t i = 0; i < bom->n; i++)
		ohc_sbom_item(&w, component(&bom->v[i]));
	for (size_t i = 0; i < bom->n_files; i++)
		if (ohc_sbom_digests_of(&w, bom, &bom->files[i], false, &digests))
			ohc_sbom_item(&w, file(&bom->files[i], &digests));
	ohc_sbom_list_end(&w);
	ohc_sbom_uuid(&w, serial);
	ohc_sbom_member(&w, "serialNumber", json_sprintf("urn:uuid:%s", serial));
	return ohc_sbom_end(&w, err);
}
