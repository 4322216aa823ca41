/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what a bake will take (compose/bake/forecast.h). */
#ifndef OHC_CMD_BAKE_PLAN_H
#define OHC_CMD_BAKE_PLAN_H

#include "cmd/cli.h"
#include "compose/bake/forecast.h"

/* As the result of a dry run.  Bases and payloads that cannot be read are an error. */
int ohc_bake_plan_print(struct ohc_cli *cli, const struct ohc_bake_forecast *f,
			struct ohc_limits *limits, struct ohc_error *err);

/* As notices, before a run.  What cannot be read shows when the images fail. */
void ohc_bake_plan_say(struct ohc_report *report, const struct ohc_bake_forecast *f,
		       struct ohc_limits *limits);

/* Warns of each host that was given a rate, and that is not asked: a typing error would else let
 * the host that was meant go without.  f is what is still to come, or NULL. */
void ohc_bake_plan_warn(struct ohc_report *report, const struct ohc_bake_forecast *f,
			struct ohc_limits *limits);

#endif
