/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of many things in one run: what is wrong with one does not hide what is wrong with the
 * next.
 *
 *	struct ohc_faults faults = { .report = report };
 *
 *	rc = ohc_faults_keep(&faults, rc, err);		for each file, of what was said of it
 *	if (rc < 0)
 *		return rc;				no fault of the file's: a signal, a network
 *	...
 *	return ohc_faults_end(&faults, err);		what was kept, or 0
 *
 * The last one is the error of the run, and says how many there are.  Those before it are shown as
 * warnings, in their order.
 */
#ifndef OHC_CORE_FAULTS_H
#define OHC_CORE_FAULTS_H

#include <stddef.h>

#include "core/error.h"
#include "core/report.h"

struct ohc_faults {
	struct ohc_report *report;
	size_t n;
	int rc;                /* of the last */
	struct ohc_error last; /* which is not told yet */
};

/* 0 where rc is a fault that was kept, else rc. */
int ohc_faults_keep(struct ohc_faults *f, int rc, const struct ohc_error *err);

int ohc_faults_end(const struct ohc_faults *f, struct ohc_error *err);

#endif
