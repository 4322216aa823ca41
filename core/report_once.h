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
 */
#ifndef OHC_CORE_REPORT_ONCE_H
#define OHC_CORE_REPORT_ONCE_H

#include "core/report.h"

struct ohc_report_once;

/* NULL where report is. */
struct ohc_report_once *ohc_report_once_new(struct ohc_report *report);
void ohc_report_once_freep(struct ohc_report_once **once);

struct ohc_report *ohc_report_once_report(struct ohc_report_once *once);

#endif
