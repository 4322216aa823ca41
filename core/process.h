/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program with bytes on its standard input, and takes what it prints.  Its standard error
 * is ours, or is taken, too: not where there is a terminal, on which it may ask its user.  It is
 * killed when it takes longer than it may, when it prints more than it may, and on an interrupt.
 */
#ifndef OHC_CORE_PROCESS_H
#define OHC_CORE_PROCESS_H

#include "core/buf.h"
#include "core/error.h"

#define OHC_PROCESS_SAID 4096

struct ohc_process {
	const char *const *argv; /* argv[0] is looked for in PATH */
	const char *input;
	const char *const *env; /* K=V, beside what we have; ends with NULL; or NULL */
	unsigned int seconds;
	size_t max;           /* bytes of output */
	struct ohc_buf *said; /* the first OHC_PROCESS_SAID bytes of its standard error; or NULL */
};

/* *ret_status is its exit status, or -1 when a signal ended it.  OHC_E_NOT_FOUND: there is no such
 * program. */
int ohc_process_run(const struct ohc_process *p, struct ohc_buf *output, int *ret_status,
		    struct ohc_error *err);

#endif
