/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans an image before anything of it is written: base + payload + profile -> plan.  push carries
 * it out (compose/push/compose.h), check looks at it (compose/check/check.h).
 *
 *	struct ohc_plan plan = OHC_PLAN_INIT;
 *
 *	rc = ohc_plan_make(&ctx, &platform, given, &plan, err);
 *	... plan.image.config, plan.adapter->fitting.entries ...
 *	ohc_plan_clear(&plan);
 */
#ifndef OHC_COMPOSE_PLAN_PLAN_H
#define OHC_COMPOSE_PLAN_PLAN_H

#include "compose/plan/adapter.h"
#include "compose/image/image.h"
#include "compose/payload/payload.h"

struct ohc_adapters;

struct ohc_plan_ctx {
	struct ohc_transports *transports;
	const struct ohc_inputs *in;
	struct ohc_peek *peek;
	struct ohc_adapters *adapters; /* those of other plans; NULL: there are no others */
	enum ohc_payload_look look;
	bool alone; /* no other image is composed meanwhile, so that processors may wait for this */
};

struct ohc_plan {
	const struct ohc_inputs *in;
	struct ohc_peek *peek;
	struct ohc_base base;
	struct ohc_rootfs *fs;         /* the base's tree, once ohc_plan_tree() was called */
	struct ohc_payload **payloads; /* of each in the inputs; NULL: not for this platform */
	struct ohc_image image;        /* edited, without its new layers */
	struct ohc_adapter *adapter;   /* may be other plans', too */
};

#define OHC_PLAN_INIT         \
	{                     \
		.base = { 0 } \
	}

/* given: the image must be for the platform `want`.  Otherwise the payload's files choose from an
 * index, and `want` where they do not tell (compose/payload/arch_votes.h).  The caller clears *ret
 * also after a failure. */
int ohc_plan_make(const struct ohc_plan_ctx *ctx, const struct ohc_platform *want, bool given,
		  struct ohc_plan *ret, struct ohc_error *err);

/* The base's tree; it is read where that was not done yet. */
int ohc_plan_tree(struct ohc_plan *plan, struct ohc_error *err);
void ohc_plan_clear(struct ohc_plan *plan);

#endif
