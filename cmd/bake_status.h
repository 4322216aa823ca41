/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how far a bake has come, while it runs (cmd/progress.h): images by what came of them, their
 * rate and the time left, bytes that were sent against bytes that were mounted, and of each host
 * what it allows.  A thread of its own looks twice a second, so that it goes on while all others
 * wait for a registry.
 *
 *	status = ohc_bake_status_start(report, limits, n);
 *	ohc_bake_status_ended(status, outcome);		for each image
 *	ohc_bake_status_stop(status);			it is taken away again; takes NULL
 */
#ifndef OHC_CMD_BAKE_STATUS_H
#define OHC_CMD_BAKE_STATUS_H

#include "compose/bake/outcome.h"
#include "core/report.h"
#include "registry/limits.h"

struct ohc_bake_status;

/* Of n images.  report, which cmd/progress.h made, and limits must stay. */
struct ohc_bake_status *ohc_bake_status_start(struct ohc_report *report, struct ohc_limits *limits,
					      size_t n);
void ohc_bake_status_ended(struct ohc_bake_status *s, const struct ohc_bake_outcome *o);
void ohc_bake_status_stop(struct ohc_bake_status *s);

#endif
