/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks JSON documents against the image-spec's rules, and tells each rule that is broken.  (What
 * the rest of the program needs of a document is checked where it is parsed, and stops at the first
 * fault.)
 *
 *	struct ohc_rules r = { .what = "manifest sha256:…", .found = fn, .ctx = ctx };
 *
 *	ohc_rules_manifest(&r, doc);
 *	if (r.broken > 0) ...
 *
 * MUST and REQUIRED are rules, SHOULD is not.  Members that the spec does not name are not checked.
 */
#ifndef OHC_OCI_IMAGE_RULES_H
#define OHC_OCI_IMAGE_RULES_H

#include "oci/documents/json.h"
#include "oci/image/verify.h"

struct ohc_rules {
	const char *what;
	ohc_found_fn found;
	void *ctx;
	size_t broken;
};

/* Tells a broken rule; at is "layers[2]", or "" for the document itself. */
void ohc_rules_break(struct ohc_rules *r, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* descriptor.md */
void ohc_rules_descriptor(struct ohc_rules *r, const char *at, const json_t *d);

/* manifest.md, image-index.md, config.md.  A config has passed ohc_config_parse(); n_layers is what
 * its manifest lists. */
void ohc_rules_manifest(struct ohc_rules *r, const json_t *doc);
void ohc_rules_index(struct ohc_rules *r, const json_t *doc);
void ohc_rules_config(struct ohc_rules *r, const json_t *config, size_t n_layers);

#endif
