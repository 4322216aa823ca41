/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an image's manifest and config from a store and checks them against each other, for bases
 * and payloads.  What was read is shared between those who want it, and nobody edits it: an image
 * that is made of it has copies of its documents.
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

/* The same from what ref names, which the caller has read, and clears. */
int ohc_load_root(struct ohc_store *s, const char *ref, struct ohc_document *root, const char *what,
		  const struct ohc_platform *want, bool given, struct ohc_loaded *ret,
		  struct ohc_error *err);

/* Is the image for the platform that was asked for?  OHC_E_NOT_FOUND: no. */
int ohc_load_check(const struct ohc_loaded *l, const char *what, const struct ohc_platform *want,
		   struct ohc_error *err);

/* *ret must be zero, and is the caller's. */
void ohc_load_share(const struct ohc_loaded *l, struct ohc_loaded *ret);
void ohc_load_clear(struct ohc_loaded *l);

#endif
