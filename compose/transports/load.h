/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an image's manifest and config from a store and checks them against each other, for bases
 * and payloads.
 */
#ifndef OHC_COMPOSE_TRANSPORTS_LOAD_H
#define OHC_COMPOSE_TRANSPORTS_LOAD_H

#include "oci/documents/manifest.h"
#include "oci/store/store.h"

struct ohc_loaded {
	struct ohc_manifest manifest;
	json_t *config;
	struct ohc_platform platform;
	struct ohc_descriptor
		root; /* the document that the name means: the index, when it is one */
};

/* given: the image must be for the platform `want`, which otherwise only chooses from an index.
 * what names the image in messages.  *ret must be zero; the caller clears it also after a
 * failure. */
int ohc_load_image(struct ohc_store *s, const char *ref, const char *what,
		   const struct ohc_platform *want, bool given, struct ohc_loaded *ret,
		   struct ohc_error *err);
void ohc_load_clear(struct ohc_loaded *l);

#endif
