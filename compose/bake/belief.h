/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells whether what a journal notes is still so: a registry may have been emptied since, a
 * repository removed, a tag moved.
 *
 *	belief = ohc_bake_belief_new(transports, report);
 *	if (ohc_bake_belief(belief, "r/x:1", digest, false, &n))
 *		... what is noted of it holds ...
 *	ohc_bake_belief_free(belief);
 *
 * To ask for every image would cost what a bake without a journal costs.  So the first image of
 * each repository (layout, archive) is asked for: where its tag names what is noted, the others
 * are believed; where it does not, nothing that is noted of the repository is, with a warning.  May
 * be used from several threads.
 */
#ifndef OHC_COMPOSE_BAKE_BELIEF_H
#define OHC_COMPOSE_BAKE_BELIEF_H

#include "compose/transports/transports.h"

struct ohc_bake_belief;

struct ohc_bake_belief *ohc_bake_belief_new(struct ohc_transports *transports,
					    struct ohc_report *report);
void ohc_bake_belief_free(struct ohc_bake_belief *b);

/* each: it is asked for this very image, whatever is believed of others.  False also where there
 * was no answer.  The requests are added to *requests. */
bool ohc_bake_belief(struct ohc_bake_belief *b, const char *dest, const char *digest, bool each,
		     uint64_t *requests);

#endif
