/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack: a directory or a recipe -> a payload image, whose layers hold the prefix and nothing else
 * and whose labels say what it is (compose/payload/label.h).
 *
 *	struct ohc_pack_options o = OHC_PACK_OPTIONS_INIT;
 *	struct ohc_pack_result r = OHC_PACK_RESULT_INIT;
 *
 *	o.source = "recipe.json"; o.push.dest = "localhost:5000/payload:1";
 *	rc = ohc_pack(transports, &o, &r, err);
 *	... r.push.manifest.digest, r.layers[0].name ...
 *	ohc_pack_result_clear(&r);
 *
 * All faults of the recipe and of the files that it names are found before the first request.
 * Layers come in this order: the libraries of the closure, those of the recipe, the launchers.
 * Manifest and tags are written last.
 */
#ifndef OHC_COMPOSE_PACK_PACK_H
#define OHC_COMPOSE_PACK_PACK_H

#include "compose/push/push.h"

struct ohc_pack_options {
	/* Of push's: dest, profile (what the payload is for), owner, labels, annotations, platform,
	 * format, compression, level, mtime, created, tags, dry_run, cache, jobs, report. */
	struct ohc_push_options push;
	const char *source;
	const char *prefix, *root;
	bool closure;
	const char *sbom; /* "none", "cyclonedx", "spdx"; NULL: cyclonedx where it can be stored */
	struct ohc_strv env;       /* KEY=VALUE, after the recipe's */
	struct ohc_strv launchers; /* NAME=PROGRAM [ARG…] */
	/* Of all that the recipe copies, beside what it says itself: patterns of what stays out,
	 * and whether symlinks that lead out are followed.  Libraries that programs open by
	 * name. */
	struct ohc_strv exclude, dlopen;
	struct ohc_strv optional; /* patterns of libraries that may be missing */
	bool dereference;
};

#define OHC_PACK_OPTIONS_INIT                 \
	{                                     \
		.push = OHC_PUSH_OPTIONS_INIT \
	}

/* The contents of one layer. */
struct ohc_pack_layer {
	char *name;
	char diff_id[OHC_DIGEST_MAX];
	uint64_t entries, bytes;
	struct ohc_strv programs;  /* paths in the image */
	struct ohc_strv libraries; /* paths of the closure's libraries, and … */
	struct ohc_strv needed_by; /* … of the file that needs each */
};

struct ohc_pack_result {
	struct ohc_image_result push;
	struct ohc_pack_layer *layers; /* as many as push.layers */
	size_t n_layers;
};

#define OHC_PACK_RESULT_INIT                  \
	{                                     \
		.push = OHC_IMAGE_RESULT_INIT \
	}

int ohc_pack(struct ohc_transports *transports, const struct ohc_pack_options *o,
	     struct ohc_pack_result *ret, struct ohc_error *err);
void ohc_pack_result_clear(struct ohc_pack_result *r);

/* As ohc_image_result_json(), with the contents of the layers. */
json_t *ohc_pack_result_json(const struct ohc_pack_result *r);

#endif
