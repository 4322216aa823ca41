/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Composes one image for one platform, from the base to the manifest.  push.c makes one, or one for
 * each platform of an index.
 *
 *	struct ohc_composed c = { 0 };
 *
 *	rc = ohc_compose_plan(&ctx, &platform, given, &c, err);	can it be made, and will it run?
 *	rc = ohc_compose_settle(&ctx, &c, &settled, err);	settled: c.finished is there already
 *	rc = ohc_compose_write(&ctx, &c, false, err);		all but the manifest is in the store
 *	... c.finished.manifest ...
 *	ohc_compose_tell(&ctx, &c);				layers and traffic join the result
 *	ohc_compose_clear(&c);
 *
 * Of several images all are planned before the first is written: one that is refused refuses all.
 */
#ifndef OHC_COMPOSE_PUSH_COMPOSE_H
#define OHC_COMPOSE_PUSH_COMPOSE_H

#include "compose/image/finish.h"
#include "compose/image/result.h"
#include "compose/plan/plan.h"
#include "compose/push/session.h"

struct ohc_compose {
	struct ohc_push_session *session;
	const struct ohc_inputs *in;
	struct ohc_store *dest;
	struct ohc_image_result *result;
};

struct ohc_composed {
	struct ohc_plan *plan;  /* without the base's tree, once it is planned */
	struct ohc_parts parts; /* all layers: the base's, each payload's, the adapter's */
	size_t *first;          /* the first part of each payload */
	struct ohc_finished finished;
	struct ohc_platform platform;
};

/* *ret must be zero; the caller clears it also after a failure of either. */
int ohc_compose_plan(const struct ohc_compose *ctx, const struct ohc_platform *want, bool given,
		     struct ohc_composed *ret, struct ohc_error *err);

/* Finishes the documents where all layers are known without reading a payload or asking the
 * destination.  With --skip-existing payloads are read for it. */
int ohc_compose_settle(const struct ohc_compose *ctx, struct ohc_composed *c, bool *ret_settled,
		       struct ohc_error *err);

/* Of a settled image: is it worth a request to see whether it is there?  Not where this machine
 * keeps what it brought there, and no earlier run brought such a config. */
bool ohc_compose_may_be_there(const struct ohc_compose *ctx, const struct ohc_composed *c);

/* Brings layers and config to the destination.  ask: what earlier runs know of it is not believed.
 */
int ohc_compose_write(const struct ohc_compose *ctx, struct ohc_composed *c, bool ask,
		      struct ohc_error *err);

/* Everything of the image is there already. */
void ohc_compose_keep(struct ohc_composed *c);

void ohc_compose_tell(const struct ohc_compose *ctx, const struct ohc_composed *c);
void ohc_compose_clear(struct ohc_composed *c);

#endif
