/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Will it run?  Puts the image of a plan together in memory, as far as the checks need it: the
 * base's tree with the payloads and the adapter layer laid over it, and the edited config
 * (layout/check/check.h).  Or checks an image that exists.
 *
 *	rc = ohc_check_image(transports, &options, &findings, err);
 *
 * With payloads in the options it answers "will they run on options.base?", without any "does
 * options.base keep the contract of its profile?".
 */
#ifndef OHC_COMPOSE_CHECK_CHECK_H
#define OHC_COMPOSE_CHECK_CHECK_H

#include "compose/plan/plan.h"
#include "layout/check/findings.h"

/* Puts findings into *ret, which is empty, and sorts them: those of the plan's fitting, and (run)
 * those of the checks.  Afterwards the plan's tree may be the image's. */
int ohc_check_plan(struct ohc_plan *plan, bool run, struct ohc_findings *ret,
		   struct ohc_error *err);

/* Tells the findings to the report; OHC_E_CHECK where there are errors and the inputs say to refuse
 * them. */
int ohc_check_verdict(const struct ohc_inputs *in, const struct ohc_findings *findings,
		      struct ohc_error *err);

/* The options' dest is NULL; of them base, payloads, profile, platform, those of the account and of
 * the config, cache, jobs and report matter. */
int ohc_check_image(struct ohc_transports *transports, const struct ohc_push_options *o,
		    struct ohc_findings *ret, struct ohc_error *err);

#endif
