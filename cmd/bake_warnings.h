/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the warnings of a bake until it has ended, so that one that all images have is one line
 * with a count: "500 × certificates: …".  All else that is reported passes.
 *
 *	w = ohc_bake_warnings_new(report);
 *	... ohc_bake_warnings_report(w) takes the place of report ...
 *	ohc_bake_warnings_note(w, journal);	so that a kill does not lose them
 *	ohc_bake_warnings_tell(w);		those that come later pass, too
 *	ohc_bake_warnings_freep(&w);		tells what was not told
 */
#ifndef OHC_CMD_BAKE_WARNINGS_H
#define OHC_CMD_BAKE_WARNINGS_H

#include "compose/bake/journal.h"
#include "core/report.h"

struct ohc_bake_warnings;

/* NULL where report is; all else takes that, too. */
struct ohc_bake_warnings *ohc_bake_warnings_new(struct ohc_report *report);
struct ohc_report *ohc_bake_warnings_report(struct ohc_bake_warnings *w);

/* From now on each is noted in the journal until all are told; those that an earlier bake has noted
 * there and not told count as this one's.  An image that was under way when that one was killed may
 * give its warning twice.  j must stay until all are told. */
void ohc_bake_warnings_note(struct ohc_bake_warnings *w, struct ohc_journal *j);

/* In the order in which they came first.  Those that differ in quoted names, digests and numbers
 * alone are one (compose/bake/outcome.h). */
void ohc_bake_warnings_tell(struct ohc_bake_warnings *w);
void ohc_bake_warnings_freep(struct ohc_bake_warnings **w);

#endif
