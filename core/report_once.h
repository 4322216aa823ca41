/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report that passes each warning and notice on once, for work that is done several times over
 * and would tell one thing as often: an image for each of several platforms.  All else goes to the
 * report below, which must outlive it.
 *
 *	ohc_cleanup(ohc_report_once_freep) struct ohc_report_once *once =
 *		ohc_report_once_new(report);
 *
 *	options.report = ohc_report_once_report(once);
 *
 * What only some of the parts tell has their names before it ("linux/arm64: …"), so it is kept
 * until all have been heard:
 *
 *	ohc_report_once_part(once, name);	for each part, one after the other
 *	... the part's work ...
 *	ohc_report_once_join(once, n);		also when there was a failure before the last
 */
#ifndef OHC_CORE_REPORT_ONCE_H
#define OHC_CORE_REPORT_ONCE_H

#include <stddef.h>

#include "core/report.h"

struct ohc_report_once;

/* NULL where report is; all else takes that, too. */
struct ohc_report_once *ohc_report_once_new(struct ohc_report *report);
void ohc_report_once_freep(struct ohc_report_once **once);

struct ohc_report *ohc_report_once_report(struct ohc_report_once *once);

void ohc_report_once_part(struct ohc_report_once *once, const char *name);
void ohc_report_once_join(struct ohc_report_once *once, size_t parts);

#endif
