/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one digest of everything that an image of a list depends on: its settings, the manifest
 * that its base's name names now, and the content of its payloads.  By it the journal tells whether
 * an image that was made before would come out the same.
 *
 *	keys = ohc_bake_keys_new(transports, &rules);
 *	key = ohc_bake_key(keys, image, &n);	NULL: it cannot be told
 *	ohc_bake_keys_free(keys);
 *
 * A base costs a HEAD, a payload one HEAD or one walk a run, and a few seconds where it was written
 * to moments ago.  May be used from several threads.
 */
#ifndef OHC_COMPOSE_BAKE_KEY_H
#define OHC_COMPOSE_BAKE_KEY_H

#include "compose/bake/list.h"
#include "compose/layers/making.h"
#include "compose/transports/transports.h"

struct ohc_bake_keys;

/* Of the rules only who keeps what is known counts: without that a payload of this machine has no
 * identity.  They are copied. */
struct ohc_bake_keys *ohc_bake_keys_new(struct ohc_transports *transports,
					const struct ohc_making_rules *rules);
void ohc_bake_keys_free(struct ohc_bake_keys *k);

/* The caller frees it.  The number of requests is added to *requests. */
char *ohc_bake_key(struct ohc_bake_keys *k, const struct ohc_bake_image *image, uint64_t *requests);

/* Fills in the destination of an image whose template has values that only a registry knows
 * (compose/bake/names.h); s->dest is replaced.  OHC_E_USAGE: a payload of this machine has no
 * digest before it is made, and a platform that nobody named is not known. */
int ohc_bake_late_name(struct ohc_bake_keys *k, struct ohc_bake_settings *s, struct ohc_error *err);

#endif
