/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaches the lists of what is in payloads (pack --sbom) to the images that push --sbom composes
 * of them: a scanner looks at the referrers of an image, not at those of its payloads.
 *
 *	struct ohc_boms *boms = ohc_boms_new();		of a session
 *
 *	rc = ohc_boms_attach(boms, payload, dest, &manifest, report, &n, err);
 *	ohc_boms_free(boms);
 *
 * The referrers of a payload are asked for once, however many images are composed of it.
 */
#ifndef OHC_COMPOSE_PUSH_BOM_H
#define OHC_COMPOSE_PUSH_BOM_H

#include "compose/payload/payload.h"

struct ohc_boms;

struct ohc_boms *ohc_boms_new(void);
void ohc_boms_free(struct ohc_boms *b);

/* Attaches the lists of a payload to an image in dest; *ret_n is how many.  A directory or a tar
 * has none.  May be called from any thread. */
int ohc_boms_attach(struct ohc_boms *b, const struct ohc_payload *p, struct ohc_store *dest,
		    const struct ohc_descriptor *image, struct ohc_report *report, size_t *ret_n,
		    struct ohc_error *err);

#endif
