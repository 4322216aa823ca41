/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which part of an image is not as it should be: layers, the adapter layer's entries, members of
 * the config and of the manifest, annotations.
 *
 *	struct ohc_compare c = { .found = tell, .ctx = ctx, .store = store, … };
 *
 *	rc = ohc_compare_images(&c, err);
 *	... c.n findings were told ...
 */
#ifndef OHC_COMPOSE_REBUILD_COMPARE_H
#define OHC_COMPOSE_REBUILD_COMPARE_H

#include "compose/layers/part.h"
#include "oci/image/verify.h"

struct ohc_compare {
	struct ohc_store *store;            /* the image's */
	const struct ohc_loaded *is;        /* the image */
	const struct ohc_manifest *should;  /* what came out */
	const char *config;                 /* … its config's text */
	const struct ohc_document *written; /* … and its manifest's */
	const struct ohc_parts *parts;      /* … and its layers */
	const char *codec;                  /* that packed the image's adapter layer, as it says */
	const char *our_codec;

	ohc_found_fn found;
	void *ctx;
	const char *prefix; /* of all that is told: "linux/arm64: " */

	size_t n;              /* findings */
	bool packed_elsewhere; /* the adapter layer is the same, but for how it is packed */
};

/* Fails only where it cannot be known. */
int ohc_compare_images(struct ohc_compare *c, struct ohc_error *err);

/* Tells a finding; where and the message are formatted by the caller. */
void ohc_compare_tell(struct ohc_compare *c, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Tells each member that differs, with the path to it behind `where`. */
void ohc_compare_json(struct ohc_compare *c, const char *where, const json_t *is,
		      const json_t *should);

/* A layer of the image that should be the adapter layer made of `should`. */
int ohc_compare_adapter(struct ohc_compare *c, size_t i, const struct ohc_part *should,
			struct ohc_error *err);

#endif
