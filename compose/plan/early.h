/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the payloads of this machine on a thread of its own, while the caller asks a registry for
 * the base.  What was read the payloads keep, a failure, too (compose/payload/payload.h): who needs
 * it meanwhile waits for it.
 *
 *	struct ohc_early early = { .in = &inputs };
 *
 *	ohc_early_start(&early, &platform, given);
 *	... requests ...
 *	ohc_early_end(&early);
 */
#ifndef OHC_COMPOSE_PLAN_EARLY_H
#define OHC_COMPOSE_PLAN_EARLY_H

#include <pthread.h>

#include "compose/image/inputs.h"

struct ohc_early {
	const struct ohc_inputs *in;
	const struct ohc_platform *want;
	bool given, runs;
	pthread_t thread;
};

/* Counts for which processors the files are, unless the platform was given.  Where no thread is to
 * be had, or no payload is of this machine, nothing is read early. */
void ohc_early_start(struct ohc_early *e, const struct ohc_platform *want, bool given);
void ohc_early_end(struct ohc_early *e);

#endif
