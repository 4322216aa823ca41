/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image for one platform, from the base to the manifest.  push.c makes one, or one for each
 * platform of an index.
 *
 *	struct ohc_composed c = { 0 };
 *
 *	rc = ohc_compose_plan(&ctx, &platform, given, &c, err);	it can be made, and will run
 *	rc = ohc_compose_write(&ctx, &c, err);			all but the manifest is in the store
 *	... c.manifest ...
 *	ohc_composed_clear(&c);
 *
 * Of several images all are planned before the first is written: one that is refused refuses all.
 */
#ifndef OHC_COMPOSE_PUSH_COMPOSE_H
#define OHC_COMPOSE_PUSH_COMPOSE_H

#include "compose/image/result.h"
#include "compose/plan/plan.h"
#include "layout/rootfs/peek.h"

struct ohc_compose {
	struct ohc_transports *transports;
	const struct ohc_inputs *in;
	struct ohc_store *dest;
	struct ohc_peek *peek;
	struct ohc_part *made; /* of each payload that all platforms share, once it was made */
	struct ohc_image_result *result;
};

struct ohc_composed {
	struct ohc_plan *plan; /* until it is written; without the base's tree */
	struct ohc_document manifest;
	struct ohc_platform platform;
};

/* *ret must be zero; the caller clears it also after a failure of either.  Writing adds the layers,
 * and what was read for them, to the result. */
int ohc_compose_plan(const struct ohc_compose *ctx, const struct ohc_platform *want, bool given,
		     struct ohc_composed *ret, struct ohc_error *err);
int ohc_compose_write(const struct ohc_compose *ctx, struct ohc_composed *c, struct ohc_error *err);
void ohc_composed_clear(struct ohc_composed *c);

#endif
