// SPDX-License-Identifier: Apache-2.0
/*
 * Every text comes from the image, so all of it goes through ohc_printable(); labels stand in a
 * column of their own, and what has several values has one a line.
 */
#include "cmd/inspect_page.h"

#include <string.h>

#include "cmd/printable.h"
#include "compose/composition/composition.h"
#include "core/units.h"
#include "core/buf.h"
#include "oci/documents/digest.h"

#define LABEL_WIDTH 13

/* label is NULL for a further value of the one before. */
static void line(FILE *out, const char *label, const char *value)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	ohc_printable(&text, value);
	fprintf(out, "%-*s %s\n", LABEL_WIDTH, label ? label : "", ohc_buf_str(&text));
}

static void text_line(FILE *out, const char *label, const json_t *v)
{
	if (json_is_string(v))
		line(out, label, json_string_value(v));
}

static void list_lines(FILE *out, const char *label, const json_t *list)
{
	const json_t *v;
	size_t i;

	json_array_foreach (list, i, v)
		text_line(out, i == 0 ? label : NULL, v);
}

/* but: a key that is shown elsewhere, or NULL. */
static void map_lines(FILE *out, const char *label, json_t *map, const char *but)
{
	const char *key;
	json_t *v;

	json_object_foreach (map, key, v) {
		const char *value = json_string_value(v);
		ohc_cleanup(ohc_freep) char *text = ohc_xasprintf("%s=%s", key, value ? value : "");

		if (but && strcmp(key, but) == 0)
			continue;
		line(out, label, text);
		label = NULL;
	}
}

/* A command's words as JSON, which shows where each ends. */
static void words_line(FILE *out, const char *label, const json_t *words)
{
	ohc_cleanup(ohc_freep) char *text = words ? ohc_json_text(words) : NULL;

	if (text)
		line(out, label, text);
}

static void index_lines(FILE *out, const json_t *index)
{
	const char *label = "Platforms:";
	size_t i, attestations = 0;
	const json_t *entry;
	char text[80];

	json_array_foreach (index, i, entry) {
		const char *platform = json_string_value(json_object_get(entry, "platform"));
		const char *digest = json_string_value(json_object_get(entry, "digest"));
		ohc_cleanup(ohc_freep) char *value =
			ohc_xasprintf("%-20s %s", platform ? platform : "-", digest);

		if (json_is_true(json_object_get(entry, "attestation"))) {
			attestations++;
			continue;
		}
		line(out, label, value);
		label = NULL;
	}
	if (attestations > 0) {
		snprintf(text, sizeof(text), "and %zu attestation%s", attestations,
			 attestations > 1 ? "s" : "");
		line(out, label, text);
	}
}

static const char *bytes_of(const json_t *v, char text[OHC_UNITS_TEXT])
{
	return ohc_units_bytes((uint64_t)json_integer_value(v), text);
}

static void size_line(FILE *out, const json_t *image)
{
	const json_t *plain = json_object_get(image, "plainSize");
	size_t n = json_array_size(json_object_get(image, "layers"));
	char size[OHC_UNITS_TEXT], unpacked[OHC_UNITS_TEXT], text[160];

	snprintf(text, sizeof(text), "%s in %zu layer%s%s%s",
		 bytes_of(json_object_get(image, "size"), size), n, n == 1 ? "" : "s",
		 plain ? ", decompressed " : "", plain ? bytes_of(plain, unpacked) : "");
	line(out, "Size:", text);
}

static bool has_plain_sizes(const json_t *image)
{
	const json_t *layer;
	size_t i;

	json_array_foreach (json_object_get(image, "layers"), i, layer)
		if (json_object_get(layer, "plainSize"))
			return true;
	return false;
}

/* A layer with what made it, and "-" for the sizes of one that is not there; number is NULL for an
 * entry of the history that made none. */
static void layer_row(FILE *out, const json_t *image, const json_t *entry, const json_t *number)
{
	const json_t *layer = json_array_get(json_object_get(image, "layers"),
					     (size_t)json_integer_value(number));
	const char *digest = json_string_value(json_object_get(layer, "digest"));
	const char *made = json_string_value(json_object_get(entry, "createdBy"));
	const char *comment = json_string_value(json_object_get(entry, "comment"));
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char shown[OHC_DIGEST_SHORT], size[OHC_UNITS_TEXT];
	bool there = number && !json_object_get(layer, "missing");

	fprintf(out, "  %10s", there ? bytes_of(json_object_get(layer, "size"), size) : "-");
	if (has_plain_sizes(image))
		fprintf(out, "  %12s",
			there ? bytes_of(json_object_get(layer, "plainSize"), size) : "-");
	ohc_printable(&text, made && *made ? made : comment ? comment : "");
	fprintf(out, "  %-19s%s%s\n", number ? ohc_digest_short(digest, shown) : "-",
		text.len ? "  " : "", ohc_buf_str(&text));
}

/* The history with the layers beside it where they match, else the layers and then the history. */
static void layer_rows(FILE *out, const json_t *image)
{
	size_t n = json_array_size(json_object_get(image, "layers")), i, matched = 0;
	const json_t *history = json_object_get(image, "history"), *v;

	json_array_foreach (history, i, v)
		matched += json_object_get(v, "layer") != NULL;
	if (n + json_array_size(history) > 0)
		fprintf(out, "\n  %10s%s  %-19s  %s\n", "SIZE",
			has_plain_sizes(image) ? "  DECOMPRESSED" : "", "LAYER", "MADE BY");
	for (i = 0; i < n && matched < n; i++) {
		ohc_cleanup(ohc_json_decref) json_t *number = json_integer((json_int_t)i);

		layer_row(out, image, NULL, number);
	}
	json_array_foreach (history, i, v)
		layer_row(out, image, v, json_object_get(v, "layer"));
}

static void base_line(FILE *out, const json_t *base)
{
	const char *name = json_string_value(json_object_get(base, "name"));
	const char *digest = json_string_value(json_object_get(base, "digest"));
	ohc_cleanup(ohc_freep) char *text =
		ohc_xasprintf("%s%s%s", name ? name : "", digest ? "@" : "", digest ? digest : "");

	if (base)
		line(out, "Base:", text);
}

/* A sentence, or why none can be made of what the image says. */
static void composed_line(FILE *out, const json_t *annotations)
{
	const char *text = json_string_value(json_object_get(annotations, OHC_COMPOSITION));
	ohc_cleanup(ohc_composition_clear) struct ohc_composition c = OHC_COMPOSITION_INIT;
	ohc_cleanup(ohc_freep) char *sentence = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	if (!text)
		return;
	if (ohc_composition_parse(text, "this image", &c, &err) == 0)
		sentence = ohc_composition_sentence(&c);
	line(out, "Composed:", sentence ? sentence : err.msg);
}

static void config_lines(FILE *out, const json_t *config)
{
	text_line(out, "User:", json_object_get(config, "user"));
	text_line(out, "Directory:", json_object_get(config, "workdir"));
	words_line(out, "Entrypoint:", json_object_get(config, "entrypoint"));
	words_line(out, "Command:", json_object_get(config, "cmd"));
	list_lines(out, "Environment:", json_object_get(config, "env"));
	list_lines(out, "Ports:", json_object_get(config, "ports"));
	list_lines(out, "Volumes:", json_object_get(config, "volumes"));
	text_line(out, "Stop signal:", json_object_get(config, "stopSignal"));
	map_lines(out, "Labels:", json_object_get(config, "labels"), NULL);
}

void ohc_inspect_page(FILE *out, const json_t *image)
{
	const json_t *manifest = json_object_get(image, "manifest");

	text_line(out, "Name:", json_object_get(image, "name"));
	text_line(out, "Digest:", json_object_get(image, "digest"));
	text_line(out, "Media type:", json_object_get(image, "mediaType"));
	if (json_object_get(image, "index")) {
		index_lines(out, json_object_get(image, "index"));
		if (!manifest)
			return;
		fprintf(out, "\n");
		text_line(out, "Manifest:", json_object_get(manifest, "digest"));
	}
	text_line(out, "Platform:", json_object_get(image, "platform"));
	text_line(out, "Artifact:", json_object_get(image, "artifactType"));
	text_line(out, "Subject:", json_object_get(image, "subject"));
	text_line(out, "Created:", json_object_get(image, "created"));
	text_line(out, "Author:", json_object_get(image, "author"));
	base_line(out, json_object_get(image, "base"));
	composed_line(out, json_object_get(image, "annotations"));
	size_line(out, image);
	config_lines(out, json_object_get(image, "config"));
	map_lines(out, "Annotations:", json_object_get(image, "annotations"), OHC_COMPOSITION);
	layer_rows(out, image);
}

void ohc_inspect_page_layers(FILE *out, const json_t *image)
{
	const json_t *layer;
	size_t i;

	json_array_foreach (json_object_get(image, "layers"), i, layer) {
		const char *diff_id = json_string_value(json_object_get(layer, "diffId"));
		ohc_cleanup(ohc_buf_clear) struct ohc_buf media_type = OHC_BUF_INIT;

		ohc_printable(&media_type, json_string_value(json_object_get(layer, "mediaType")));
		fprintf(out, "%s %lld %s %s\n", json_string_value(json_object_get(layer, "digest")),
			(long long)json_integer_value(json_object_get(layer, "size")),
			ohc_buf_str(&media_type), diff_id ? diff_id : "-");
	}
}

void ohc_inspect_page_referrers(FILE *out, const json_t *list)
{
	json_t *entry, *v;
	const char *key;
	size_t i;

	json_array_foreach (list, i, entry) {
		const char *type = json_string_value(json_object_get(entry, "artifactType"));
		ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

		ohc_printable(&text, type ? type : "-");
		json_object_foreach (json_object_get(entry, "annotations"), key, v) {
			ohc_buf_adds(&text, " ");
			ohc_printable(&text, key);
			ohc_buf_adds(&text, "=");
			ohc_printable(&text, json_is_string(v) ? json_string_value(v) : "");
		}
		fprintf(out, "%s %lld %s\n", json_string_value(json_object_get(entry, "digest")),
			(long long)json_integer_value(json_object_get(entry, "size")),
			ohc_buf_str(&text));
	}
}
