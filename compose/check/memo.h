/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers the findings of a plan.  The checks look at nothing but the base's layers, the
 * payloads, the adapter layer and the config; while these stay the same, the findings do, and the
 * trees need not be put together again.  So the preflight of a repeated push is done once.
 *
 *	key = ohc_check_memo_key(plan);
 *	if (!ohc_check_memo_get(plan, key, &findings)) {
 *		... run the checks ...
 *		ohc_check_memo_put(plan, key, &findings);
 *	}
 */
#ifndef OHC_COMPOSE_CHECK_MEMO_H
#define OHC_COMPOSE_CHECK_MEMO_H

#include "compose/plan/plan.h"
#include "layout/check/findings.h"

/* NULL where nothing can be remembered: without a cache, or for a payload without an identity (a
 * directory that was written to moments ago, a tar from standard input).  The caller frees it. */
char *ohc_check_memo_key(const struct ohc_plan *plan);

/* True: the findings are in ret, which was empty. */
bool ohc_check_memo_get(const struct ohc_plan *plan, const char *key, struct ohc_findings *ret);
void ohc_check_memo_put(const struct ohc_plan *plan, const char *key,
			const struct ohc_findings *findings);

#endif
