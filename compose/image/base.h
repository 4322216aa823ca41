/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the base: its manifest and config, checked against each other; with --format, its manifest
 * as the other family writes it.  `scratch` is a base with neither layers nor store.
 */
#ifndef OHC_COMPOSE_IMAGE_BASE_H
#define OHC_COMPOSE_IMAGE_BASE_H

#include "compose/image/inputs.h"
#include "compose/transports/load.h"
#include "compose/transports/transports.h"

struct ohc_base {
	struct ohc_store *store; /* NULL for scratch */
	struct ohc_loaded image;
	char manifest[OHC_DIGEST_MAX]; /* the digest of the image in its store; "" for scratch */
	struct ohc_document asked;     /* what its name names, from ohc_base_ask() to the load */
};

/* The reference that the base's store is asked for: the digest that an image says it has, else the
 * name's tag. */
const char *ohc_base_ref(const struct ohc_inputs *in);

/* Opens the store of the base, which is not scratch. */
int ohc_base_open(struct ohc_transports *transports, const struct ohc_inputs *in,
		  struct ohc_store **ret, struct ohc_error *err);

/* Asks what the name of a base in a registry names, for a caller who learns meanwhile which
 * platform is wanted.  *ret must be zero, and is given to ohc_base_load() then. */
int ohc_base_ask(struct ohc_transports *transports, const struct ohc_inputs *in,
		 struct ohc_base *ret, struct ohc_error *err);

/* Is it known from ohc_base_ask() that no platform chooses from it? */
bool ohc_base_is_single(const struct ohc_base *base);

/* want: the platform; given: it was asked for.  *ret must be zero or what ohc_base_ask() left; the
 * caller clears it also after a failure. */
int ohc_base_load(struct ohc_transports *transports, const struct ohc_inputs *in,
		  const struct ohc_platform *want, bool given, struct ohc_base *ret,
		  struct ohc_error *err);
void ohc_base_clear(struct ohc_base *base);

#endif
