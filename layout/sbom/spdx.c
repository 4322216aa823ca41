// SPDX-License-Identifier: Apache-2.0
/* SPDX 2.3 (ISO/IEC 5962) as JSON: spdx.github.io/spdx-spec/v2.3. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "layout/sbom/sbom_internal.h"

/* The time is one of the document's own, and must be there; it would make two documents of the same
 * payload differ. */
#define CREATED "1970-01-01T00:00:00Z"
#define NONE    "NOASSERTION"

void ohc_sbom_uuid(const json_t *doc, char ret[OHC_SBOM_UUID])
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_canonical(doc);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_update(h, text, strlen(text));
	ohc_hash_hex(h, hex);
	hex[12] = '8';                                                /* the version */
	hex[16] = "89ab"[strchr("0123456789abcdef", hex[16])[0] & 3]; /* the variant */
	snprintf(ret, OHC_SBOM_UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
}

/* One license by a name that SPDX has the form of.  Several, and what distributions made up, is no
 * expression that a reader could resolve: it stands in the comment, as it was found. */
static bool is_expression(const char *license)
{
	static const char name[] = OHC_ASCII_ALNUM ".-+";
	static const char *const known[] = { "Apache-2.0",
					     "MIT",
					     "BSD-2-Clause",
					     "BSD-3-Clause",
					     "ISC",
					     "Zlib",
					     "PSF-2.0",
					     "MPL-2.0",
					     "0BSD",
					     "GPL-2.0-only",
					     "GPL-2.0-or-later",
					     "GPL-3.0-only",
					     "GPL-3.0-or-later",
					     "LGPL-2.1-only",
					     "LGPL-2.1-or-later",
					     "LGPL-3.0-only",
					     "LGPL-3.0-or-later",
					     "Unlicense",
					     "CC0-1.0" };

	if (license[strspn(license, name)])
		return false;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(known); i++)
		if (strcmp(known[i], license) == 0)
			return true;
	return false;
}

static void set_text(json_t *out, const char *key, const char *text)
{
	if (text)
		json_object_set_new(out, key, ohc_json_text_value(text));
}

static json_t *package(const struct ohc_sbom *bom, const struct ohc_sbom_component *c, size_t i)
{
	ohc_cleanup(ohc_freep) char *purl = ohc_sbom_purl(bom, c);
	bool expression = c->license && is_expression(c->license);
	json_t *out = json_pack("{s:o, s:o}", "SPDXID", json_sprintf("SPDXRef-Package-%zu", i + 1),
				"name", ohc_json_text_value(c->name));

	set_text(out, "versionInfo", c->version);
	set_text(out, "sourceInfo", c->source);
	set_text(out, "downloadLocation", NONE);
	json_object_set_new(out, "filesAnalyzed", json_false());
	set_text(out, "licenseConcluded", NONE);
	set_text(out, "licenseDeclared", expression ? c->license : NONE);
	if (c->license && !expression)
		set_text(out, "licenseComments", c->license);
	set_text(out, "copyrightText", NONE);
	json_object_set_new(out, "externalRefs",
			    json_pack("[{s:s, s:s, s:o}]", "referenceCategory", "PACKAGE-MANAGER",
				      "referenceType", "purl", "referenceLocator",
				      ohc_json_text_value(purl)));
	return out;
}

static json_t *file(const struct ohc_sbom_file *f, size_t i)
{
	return json_pack("{s:o, s:o, s:[{s:s, s:s}, {s:s, s:s}], s:s, s:s}", "SPDXID",
			 json_sprintf("SPDXRef-File-%zu", i + 1), "fileName",
			 ohc_json_text_value(f->path), "checksums", "algorithm", "SHA1",
			 "checksumValue", f->sha1, "algorithm", "SHA256", "checksumValue",
			 f->sha256, "licenseConcluded", NONE, "copyrightText", NONE);
}

static json_t *relation(const char *from, const char *type, char *to)
{
	json_t *out = json_pack("{s:s, s:s, s:s}", "spdxElementId", from, "relationshipType", type,
				"relatedSpdxElement", to);

	free(to);
	return out;
}

static json_t *root(const struct ohc_sbom *bom)
{
	json_t *out = json_pack("{s:s, s:o}", "SPDXID", "SPDXRef-Payload", "name",
				ohc_json_text_value(bom->prefix));

	set_text(out, "versionInfo", bom->version);
	set_text(out, "downloadLocation", NONE);
	json_object_set_new(out, "filesAnalyzed", json_false());
	set_text(out, "licenseConcluded", NONE);
	set_text(out, "licenseDeclared", NONE);
	set_text(out, "copyrightText", NONE);
	return out;
}

static json_t *lists(const struct ohc_sbom *bom)
{
	json_t *packages = json_pack("[o]", root(bom)), *files = json_array();
	json_t *relations = json_pack(
		"[o]", relation("SPDXRef-DOCUMENT", "DESCRIBES", ohc_xstrdup("SPDXRef-Payload")));

	for (size_t i = 0; i < bom->n; i++) {
		json_array_append_new(packages, package(bom, &bom->v[i], i));
		json_array_append_new(relations,
				      relation("SPDXRef-Payload", "CONTAINS",
					       ohc_xasprintf("SPDXRef-Package-%zu", i + 1)));
	}
	for (size_t i = 0; i < bom->n_files; i++) {
		json_array_append_new(files, file(&bom->files[i], i));
		json_array_append_new(relations,
				      relation("SPDXRef-Payload", "CONTAINS",
					       ohc_xasprintf("SPDXRef-File-%zu", i + 1)));
	}
	return json_pack("{s:o, s:o, s:o}", "packages", packages, "files", files, "relationships",
			 relations);
}

char *ohc_sbom_spdx(const struct ohc_sbom *bom)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL, *all = lists(bom);
	char uuid[OHC_SBOM_UUID];

	ohc_sbom_uuid(all, uuid);
	doc = json_pack("{s:s, s:s, s:s, s:o, s:o, s:{s:s, s:[s]}}", "spdxVersion", "SPDX-2.3",
			"dataLicense", "CC0-1.0", "SPDXID", "SPDXRef-DOCUMENT", "name",
			ohc_json_text_value(bom->prefix), "documentNamespace",
			json_sprintf("urn:uuid:%s", uuid), "creationInfo", "created", CREATED,
			"creators", "Tool: ohcompose-" OHC_VERSION);
	json_object_update(doc, all);
	return ohc_json_text(doc);
}
