/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codes that findings have.  Scripts rely on them: a code is never given another meaning, and
 * one that is not in this table is a mistake in the program (a test looks).
 */
#ifndef OHC_LAYOUT_CHECK_FINDING_CODES_H
#define OHC_LAYOUT_CHECK_FINDING_CODES_H

#include <stddef.h>

struct ohc_finding_code {
	const char *code;
	const char *help; /* a sentence: what it means, and what to do */
};

/* Sorted by code. */
extern const struct ohc_finding_code ohc_finding_codes[];
extern const size_t ohc_finding_codes_n;

/* The sentence, or NULL where there is no such code. */
const char *ohc_finding_help(const char *code);

#endif
