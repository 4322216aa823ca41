/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what core/report.h reports, on standard error:
 *
 *	tty	a line for each task under way, redrawn in place; one that ended becomes a line
 *		that stays; messages stand above, the status of a long run below
 *	plain	a line where a large task starts, one every ten seconds while it runs, one where it
 *		ends: for logs; the status every thirty seconds
 *	json	an object a line, for programs:
 *		{"event":"begin","task":1,"verb":"upload","subject":"layer sha256:…",
 *		 "total":45200000}
 *		{"event":"progress","task":1,"bytes":12300000}			once a second
 *		{"event":"end","task":1,"bytes":45200000,"seconds":1.217,"outcome":"done"}
 *		{"event":"message","level":"warning","text":"…"}
 *		{"event":"status", … of the command …}				once a second
 *		total is absent where it is not known, outcome where the task failed.
 *	none	messages only
 *
 *	report = ohc_progress_new(&(struct ohc_progress_options){ .out = stderr, … });
 *	…
 *	ohc_progress_free(report);		after every task has ended; takes NULL
 *
 * All text is made printable (cmd/printable.h).  There is no thread of its own: lines move when
 * bytes do.
 */
#ifndef OHC_CMD_PROGRESS_H
#define OHC_CMD_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "core/report.h"
#include "core/strv.h"
#include "oci/documents/json.h"

enum ohc_progress_mode {
	OHC_PROGRESS_AUTO, /* tty on a terminal that is not dumb, else plain */
	OHC_PROGRESS_TTY,
	OHC_PROGRESS_PLAIN,
	OHC_PROGRESS_JSON,
	OHC_PROGRESS_NONE,
};

struct ohc_progress_options {
	enum ohc_progress_mode mode;
	enum ohc_level level;   /* tasks are shown from OHC_NOTICE on */
	FILE *out;              /* not closed */
	int64_t (*clock)(void); /* milliseconds; NULL: the monotonic clock */
	unsigned int columns;   /* 0: as the terminal has */
};

struct ohc_report *ohc_progress_new(const struct ohc_progress_options *options);
void ohc_progress_free(struct ohc_report *report);

/* How far a run of many parts has come. */
struct ohc_progress_status {
	const struct ohc_strv *lines; /* for people */
	const json_t *figures;        /* for programs: an object */
};

/* Shows s from now on, as often as the mode has it, in place of the one before; NULL: none.  What s
 * refers to need not stay.  This and the next take a NULL report, which is silent. */
void ohc_progress_set_status(struct ohc_report *report, const struct ohc_progress_status *s);

/* Whether the status is always in view, so that nothing that it says need be said again. */
bool ohc_progress_is_live(const struct ohc_report *report);

/* The error with which the program ends. */
void ohc_progress_error(struct ohc_report *report, const char *text, int exit_status);

#endif
