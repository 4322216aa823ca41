// SPDX-License-Identifier: Apache-2.0
#include "core/faults.h"

/* How many faults are told of a tree of which nothing is right. */
#define SAID_MAX 100

static bool is_of_a_thing(int rc)
{
	return rc == -OHC_E_FAILED || rc == -OHC_E_FORMAT || rc == -OHC_E_NOT_FOUND ||
	       rc == -OHC_E_UNSUPPORTED;
}

int ohc_faults_keep(struct ohc_faults *f, int rc, const struct ohc_error *err)
{
	if (rc >= 0 || !is_of_a_thing(rc))
		return rc;
	if (f->n && f->n <= SAID_MAX)
		ohc_report_say(f->report, OHC_WARNING, "%s", f->last.msg);
	f->n++;
	f->rc = rc;
	f->last = (struct ohc_error){ .code = (enum ohc_code) - rc };
	ohc_error_copy(&f->last, err, rc);
	return 0;
}

int ohc_faults_end(const struct ohc_faults *f, struct ohc_error *err)
{
	if (f->n > SAID_MAX + 1)
		ohc_report_say(f->report, OHC_WARNING, "and %zu more", f->n - SAID_MAX - 1);
	if (f->n < 2)
		return f->n ? ohc_error_copy(err, &f->last, f->rc) : 0;
	return ohc_error_set(err, f->last.code, "%s (one of %zu faults)", f->last.msg, f->n);
}
