/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a planned image was composed, once its layers are known, for the annotation
 * (compose/composition/composition.h).
 *
 *	ohc_plan_record(&plan, &parts, first, &composition);	first: of each payload, in parts
 *	ohc_manifest_annotate(&plan.image.manifest, OHC_COMPOSITION, text);
 *	ohc_composition_clear(&composition);
 */
#ifndef OHC_COMPOSE_PLAN_RECORD_H
#define OHC_COMPOSE_PLAN_RECORD_H

#include "compose/composition/composition.h"
#include "compose/plan/plan.h"

void ohc_plan_record(const struct ohc_plan *plan, const struct ohc_parts *parts,
		     const size_t *first, struct ohc_composition *ret);

#endif
