/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image's manifest and config, read from a store and held against each other.  Shared by what
 * takes an image as a base and what takes one as a payload.
 */
#ifndef OHC_COMPOSE_TRANSPORTS_LOAD_H
#define OHC_COMPOSE_TRANSPORTS_LOAD_H

#include "oci/documents/manifest.h"
#include "oci/store/store.h"

struct ohc_loaded {
	struct ohc_manifest manifest;
	json_t *config;
	struct ohc_platform platform;
	struct ohc_descriptor root; /* what the name named: the index, when it is one */
};

/* given: the image must be for the platform `want`, which otherwise only chooses from an index.
 * what names the image in messages.  *ret must be zero; the caller clears it also after a
 * failure. */
int ohc_load_image(struct ohc_store *s, const char *ref, const char *what,
		   const struct ohc_platform *want, bool given, struct ohc_loaded *ret,
		   struct ohc_error *err);
void ohc_load_clear(struct ohc_loaded *l);

#endif
