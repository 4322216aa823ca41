/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--payload [OS/ARCH=]SRC[:/TARGET]` (docs/cli.md): TARGET is what follows the last ":/" that is
 * no "://", and not the one of a transport ("oci:/abs/dir").  SRC names an image when it has a
 * transport ("docker://", "oci:" …) or a host that cannot be a directory's name
 * ("localhost:5000/x"), else a directory or a tar.
 *
 *	struct ohc_payload_spec spec = { .source = NULL };
 *
 *	rc = ohc_payload_spec_parse("linux/arm64=build/arm:/openhands", &spec, err);
 *	... spec.source, spec.target ...
 *	ohc_payload_spec_clear(&spec);
 *
 * Only the text is parsed: compose/payload/source.h looks whether there is such a payload.
 */
#ifndef OHC_COMPOSE_PAYLOAD_SPEC_H
#define OHC_COMPOSE_PAYLOAD_SPEC_H

#include <stdbool.h>

#include "oci/documents/name.h"
#include "oci/documents/platform.h"

struct ohc_payload_spec {
	char *source; /* as it was typed; "-" is standard input */
	char *target; /* absolute, normalized, never "/"; NULL: none was given */
	bool is_image;
	struct ohc_name image; /* where it is one */
	bool has_platform;
	struct ohc_platform platform;
};

/* OHC_E_USAGE: it is malformed, as the message says. */
int ohc_payload_spec_parse(const char *text, struct ohc_payload_spec *ret, struct ohc_error *err);
void ohc_payload_spec_clear(struct ohc_payload_spec *spec);

/* Is the payload one for images of that platform?  One that names none is for all. */
bool ohc_payload_spec_is_for(const struct ohc_payload_spec *spec,
			     const struct ohc_platform *platform);

/* Does a source name an image? */
bool ohc_payload_spec_is_image(const char *source);

/* "/a//b/./c/" as "/a/b/c".  OHC_E_USAGE: not absolute, "/" itself, or with "..". */
int ohc_payload_spec_target(const char *path, char **ret, struct ohc_error *err);

#endif
