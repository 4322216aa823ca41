// SPDX-License-Identifier: Apache-2.0
/*
 * Reads what cargo-auditable puts into a program (github.com/rust-secure-code/cargo-auditable, "The
 * data format"): the section .dep-v0, JSON compressed by zlib, with "packages": name, version,
 * source, and "kind" where it was needed for building alone.
 */
#include <string.h>

#include "core/alloc.h"
#include "layout/elf/section.h"
#include "layout/sbom/find_internal.h"
#include "oci/codec/inflate.h"
#include "oci/documents/json.h"

#define SECTION_MAX (4u << 20)
#define PLAIN_MAX   (16u << 20)

static void add(struct ohc_sbom *bom, const json_t *package, const char *path)
{
	const char *name = json_string_value(json_object_get(package, "name"));
	const char *version = json_string_value(json_object_get(package, "version"));
	const char *kind = json_string_value(json_object_get(package, "kind"));

	if (name && version && (!kind || strcmp(kind, "build") != 0))
		ohc_strv_add(&ohc_sbom_add(bom, OHC_SBOM_CARGO, name, version)->paths, path);
}

bool ohc_sbom_rust(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf section = OHC_BUF_INIT, text = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *package;
	size_t i;

	if (!ohc_elf_section(in, ".dep-v0", SECTION_MAX, &section) ||
	    ohc_inflate(section.data, section.len, PLAIN_MAX, &text, NULL) < 0 ||
	    ohc_json_parse(ohc_buf_str(&text), text.len, ".dep-v0", &doc, NULL) < 0)
		return false;
	json_array_foreach (json_object_get(doc, "packages"), i, package)
		add(bom, package, path);
	return true;
}
