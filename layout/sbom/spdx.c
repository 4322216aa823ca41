// SPDX-License-Identifier: Apache-2.0
/* SPDX 2.3 (ISO/IEC 5962) as JSON: spdx.github.io/spdx-spec/v2.3. */
#include <string.h>

#include "core/alloc.h"
#include "layout/sbom/sbom_internal.h"

/* The time is one of the document's own, and must be there; it would make two documents of the same
 * payload differ. */
#define CREATED "1970-01-01T00:00:00Z"
#define NONE    "NOASSERTION"

/* One license by a name that SPDX has the form of.  Several, and what distributions made up, is no
 * expression that a reader could resolve: it stands in the comment, as it was found. */
static bool is_expression(const char *license)
{
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

static json_t *package(const struct ohc_sbom_component *c, size_t i)
{
	ohc_cleanup(ohc_freep) char *purl = ohc_sbom_purl(c);
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

/* A file's name is relative (8.1), to the image's root. */
static json_t *file(const struct ohc_sbom_file *f, const struct ohc_sbom_digests *d, size_t i)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf(".%s", f->path);

	return json_pack("{s:o, s:o, s:[{s:s, s:s}, {s:s, s:s}], s:s, s:s}", "SPDXID",
			 json_sprintf("SPDXRef-File-%zu", i + 1), "fileName",
			 ohc_json_text_value(name), "checksums", "algorithm", "SHA1",
			 "checksumValue", d->sha1, "algorithm", "SHA256", "checksumValue",
			 d->sha256, "licenseConcluded", NONE, "copyrightText", NONE);
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

/* The payload's files are not all listed, so that it is a package without files (7.8), and the
 * document describes those that are. */
static void write_relations(struct ohc_sbom_writer *w, const struct ohc_sbom *bom)
{
	ohc_sbom_item(w, relation("SPDXRef-DOCUMENT", "DESCRIBES", ohc_xstrdup("SPDXRef-Payload")));
	for (size_t i = 0; i < bom->n; i++)
		ohc_sbom_item(w, relation("SPDXRef-Payload", "CONTAINS",
					  ohc_xasprintf("SPDXRef-Package-%zu", i + 1)));
	for (size_t i = 0; i < bom->n_files; i++)
		ohc_sbom_item(w, relation("SPDXRef-DOCUMENT", "DESCRIBES",
					  ohc_xasprintf("SPDXRef-File-%zu", i + 1)));
}

int ohc_sbom_spdx(const struct ohc_sbom *bom, struct ohc_sink *out, struct ohc_error *err)
{
	struct ohc_sbom_digests digests;
	struct ohc_sbom_writer w;
	char uuid[OHC_SBOM_UUID];

	ohc_sbom_begin(&w, out);
	ohc_sbom_member(&w, "spdxVersion", json_string("SPDX-2.3"));
	ohc_sbom_member(&w, "dataLicense", json_string("CC0-1.0"));
	ohc_sbom_member(&w, "SPDXID", json_string("SPDXRef-DOCUMENT"));
	ohc_sbom_member(&w, "name", ohc_json_text_value(bom->prefix));
	ohc_sbom_member(&w, "creationInfo",
			json_pack("{s:s, s:[s]}", "created", CREATED, "creators",
				  "Tool: ohcompose-" OHC_VERSION));
	ohc_sbom_list(&w, "packages");
	ohc_sbom_item(&w, root(bom));
	for (size_t i = 0; i < bom->n; i++)
		ohc_sbom_item(&w, package(&bom->v[i], i));
	ohc_sbom_list_end(&w);
	ohc_sbom_list(&w, "files");
	for (size_t i = 0; i < bom->n_files; i++)
		if (ohc_sbom_digests_of(&w, bom, &bom->files[i], true, &digests))
			ohc_sbom_item(&w, file(&bom->files[i], &digests, i));
	ohc_sbom_list_end(&w);
	ohc_sbom_list(&w, "relationships");
	write_relations(&w, bom);
	ohc_sbom_list_end(&w);
	ohc_sbom_uuid(&w, uuid);
	ohc_sbom_member(&w, "documentNamespace", json_sprintf("urn:uuid:%s", uuid));
	return ohc_sbom_end(&w, err);
}
