/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an image was composed, as its manifest says it in the annotation io.ohcompose.composition:
 * enough to compose it again (docs/proof.md).  The text is JSON in one form, with sorted keys and
 * no blanks, of the schema compose/composition/composition.schema.json:
 *
 *	{"base":{"digest":…,"manifest":…,"name":…,"platform":"linux/amd64"},
 *	 "codec":"zlib level 6",	of what is made for each base
 *	 "options":{"env":["A=1"]},	that changed the image (compose/image/recorded.h)
 *	 "payloads":[{"layers":[diff IDs],"manifest":…,"name":…,"prefix":"/openhands"}],
 *	 "profile":{"digest":…,"name":"openhands"},
 *	 "program":"0.1.0","schema":1}
 *
 *	struct ohc_composition c = OHC_COMPOSITION_INIT;
 *
 *	if (ohc_composition_text_of(&manifest))
 *		rc = ohc_composition_read(&manifest, "image 'x'", &c, err);
 *	text = ohc_composition_text(&c);		what push writes
 *	sentence = ohc_composition_sentence(&c);	and inspect shows
 *	ohc_composition_clear(&c);
 *
 * Nothing in it tells of a machine, a folder or a day: two machines write the same.  A payload that
 * is a directory or a tar therefore has no name, and an image in a layout only its tag.
 */
#ifndef OHC_COMPOSE_COMPOSITION_COMPOSITION_H
#define OHC_COMPOSE_COMPOSITION_COMPOSITION_H

#include <stdbool.h>

#include "core/strv.h"
#include "oci/documents/manifest.h"

#define OHC_COMPOSITION        "io.ohcompose.composition"
#define OHC_COMPOSITION_SCHEMA 1

/* Strings are owned, and NULL where nothing is said. */
struct ohc_composition_payload {
	char *name;               /* in full, of an image in a registry */
	char *tag;                /* of one in a layout or an archive */
	char *manifest;           /* digest, of either */
	char *prefix;             /* where it went: "/openhands" */
	struct ohc_strv layers;   /* diff IDs, in their order */
	bool looked;              /* its files were asked for, not its labels, and … */
	struct ohc_strv provides; /* … of those that the adapter layer could use it had these */
};

struct ohc_composition {
	char *program; /* the version that composed it */
	char *codec;   /* oci/codec/codec.h, ohc_codec_name() */
	struct {
		char *name, *tag; /* as a payload's; "scratch" has nothing else */
		char *digest;     /* of what was named: an index, where it was one */
		char *manifest;   /* of the image that was taken */
		char *platform;   /* of that: "linux/arm64" */
	} base;
	struct ohc_composition_payload *payloads;
	size_t n_payloads;
	struct {
		char *name;
		char *digest;  /* of its content: the JSON without blanks, in its own order */
		char *content; /* of one that the program does not carry */
	} profile;
	json_t *options; /* an object */
};

#define OHC_COMPOSITION_INIT     \
	{                        \
		.program = NULL, \
	}

/* The annotation's text; NULL: the manifest has none. */
const char *ohc_composition_text_of(const struct ohc_manifest *m);

/* The annotation of an image, which messages call `what`.  OHC_E_FORMAT: there is none, it is of
 * another schema, or no such JSON.  *ret changes only on success. */
int ohc_composition_read(const struct ohc_manifest *m, const char *what,
			 struct ohc_composition *ret, struct ohc_error *err);

/* The same of its text. */
int ohc_composition_parse(const char *text, const char *what, struct ohc_composition *ret,
			  struct ohc_error *err);

/* The caller frees the texts. */
char *ohc_composition_text(const struct ohc_composition *c);

/* "docker.io/library/ubuntu:22.04 (sha256:0123456789ab) with …, by ohcompose 0.1.0" */
char *ohc_composition_sentence(const struct ohc_composition *c);

/* A new, empty one at the end, valid until the next. */
struct ohc_composition_payload *ohc_composition_add_payload(struct ohc_composition *c);

void ohc_composition_clear(struct ohc_composition *c);

#endif
