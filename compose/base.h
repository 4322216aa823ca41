/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base: its manifest and config as they are, read and held against each other, never changed.
 * `scratch` is a base with neither layers nor store.
 */
#ifndef OHC_COMPOSE_BASE_H
#define OHC_COMPOSE_BASE_H

#include "compose/inputs.h"
#include "compose/places.h"
#include "oci/manifest.h"

struct ohc_base {
	struct ohc_store *store; /* NULL for scratch */
	struct ohc_manifest manifest;
	json_t *config;
	struct ohc_platform platform;
	struct ohc_descriptor root; /* what the name named: the index, when it is one */
};

/* *ret must be zero; the caller clears it also after a failure. */
int ohc_base_load(struct ohc_places *places, const struct ohc_inputs *in, struct ohc_base *ret,
		  struct ohc_error *err);
void ohc_base_clear(struct ohc_base *base);

#endif
