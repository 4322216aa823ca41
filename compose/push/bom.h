/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of what is in payloads (pack --sbom), which push --sbom hangs on the images that it
 * composes of them: a scanner that is given an image looks at its referrers, not at those of what
 * it was made of.
 *
 *	struct ohc_boms *boms = ohc_boms_new();		of a session
 *	rc = ohc_boms_attach(boms, payload, dest, &manifest, report, err);
 *	ohc_boms_free(boms);
 *
 * What hangs on a payload is asked for once, however many images are composed of it.
 */
#ifndef OHC_COMPOSE_PUSH_BOM_H
#define OHC_COMPOSE_PUSH_BOM_H

#include "compose/payload/payload.h"

struct ohc_boms;

struct ohc_boms *ohc_boms_new(void);
void ohc_boms_free(struct ohc_boms *b);

/* Hangs the lists of a payload on an image in dest; *ret_n is how many.  A directory or a tar has
 * none.  May be called from any thread. */
int ohc_boms_attach(struct ohc_boms *b, const struct ohc_payload *p, struct ohc_store *dest,
		    const struct ohc_descriptor *image, struct ohc_report *report, size_t *ret_n,
		    struct ohc_error *err);

#endif
