// SPDX-License-Identifier: Apache-2.0
/*
 * npm packages: what lies in node_modules/NAME or node_modules/@SCOPE/NAME and has a package.json
 * (docs.npmjs.com, "package.json"), and all files below it but those of the packages in it.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/sbom/find_internal.h"
#include "oci/documents/json.h"

#define PACKAGE_MAX (4u << 20)
#define FILE_NAME   "/package.json"
#define MODULES     "node_modules"
#define MARK        "\357\273\277" /* of UTF-8: npm takes a text that begins with it */

/* Is it the directory of a package: does it stand in node_modules, alone or in a scope? */
static bool is_package(const char *dir)
{
	ohc_cleanup(ohc_freep) char *parent = ohc_path_parent(dir),
				    *above = ohc_path_parent(parent);

	if (*ohc_path_name(dir) == '@' || *ohc_path_name(dir) == '.')
		return false;
	return strcmp(ohc_path_name(parent), MODULES) == 0 ||
	       (*ohc_path_name(parent) == '@' && strcmp(ohc_path_name(above), MODULES) == 0);
}

/* "license" is a text; before 2014 it was an object, or a list of them. */
static char *license_of(const json_t *package)
{
	const json_t *license = json_object_get(package, "license");

	if (!license)
		license = json_array_get(json_object_get(package, "licenses"), 0);
	if (json_is_object(license))
		license = json_object_get(license, "type");
	return json_is_string(license) ? ohc_xstrdup(json_string_value(license)) : NULL;
}

static int add_package(struct ohc_sbom_search *s, const struct ohc_sbom_entry *e, const char *dir,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *package = NULL;
	struct ohc_sbom_component *c;
	const char *name, *version;
	size_t mark;
	bool all;
	int rc = ohc_sbom_entry_read(s, e, PACKAGE_MAX, &text, &all, err);

	if (rc < 0 || !all)
		return rc;
	mark = strncmp(ohc_buf_str(&text), MARK, strlen(MARK)) == 0 ? strlen(MARK) : 0;
	if (ohc_json_parse(text.data + mark, text.len - mark, "package.json", &package, NULL) < 0)
		return 0;
	name = json_string_value(json_object_get(package, "name"));
	version = json_string_value(json_object_get(package, "version"));
	if (!name || !*name || !version)
		return 0;
	c = ohc_sbom_add(s->bom, OHC_SBOM_NPM, name, version);
	if (!c->license)
		c->license = license_of(package);
	ohc_strv_add(&c->paths, dir);
	ohc_sbom_own_below(s, dir, MODULES "/");
	return 0;
}

int ohc_sbom_find_npm(struct ohc_sbom_search *s, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct ohc_sbom_entry *e = &s->v[i];
		ohc_cleanup(ohc_freep) char *dir = NULL;

		if (!ohc_path_ends_in(e->path, FILE_NAME))
			continue;
		dir = ohc_path_parent(e->path);
		if (is_package(dir))
			rc = add_package(s, e, dir, err);
	}
	return rc;
}
