/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the rooms below cmd/ speak to whoever runs them: messages with a level, and tasks (a blob on
 * its way) with a count of bytes.  cmd/progress.c shows them on a terminal, as plain lines or as
 * JSON; a NULL report is silent.  Every function may be called from any thread.
 *
 *	struct ohc_task *t = ohc_task_begin(report, "upload", "layer sha256:12ab…", size);
 *	ohc_task_advance(t, n);
 *	ohc_task_end(t, "done");		NULL: it failed, the error says why
 */
#ifndef OHC_CORE_REPORT_H
#define OHC_CORE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum ohc_level {
	OHC_WARNING, /* shown unless -q -q */
	OHC_NOTICE,  /* shown unless -q */
	OHC_VERBOSE, /* -v: decisions, waits and their reasons */
	OHC_TRACE,   /* -vv: each request */
};

struct ohc_report;
struct ohc_task;

struct ohc_report_ops {
	void (*message)(struct ohc_report *r, enum ohc_level level, const char *text);
	/* total is 0 where it is not known.  May return NULL, or a task of another report. */
	struct ohc_task *(*begin)(struct ohc_report *r, const char *verb, const char *subject,
				  uint64_t total);
	void (*advance)(struct ohc_task *t, uint64_t bytes);
	void (*end)(struct ohc_task *t, const char *outcome);
};

struct ohc_report {
	const struct ohc_report_ops *ops;
	enum ohc_level level; /* messages above it need not be made */
};

struct ohc_task {
	struct ohc_report *report;
};

bool ohc_report_wants(const struct ohc_report *r, enum ohc_level level);
void ohc_report_say(struct ohc_report *r, enum ohc_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct ohc_task *ohc_task_begin(struct ohc_report *r, const char *verb, const char *subject,
				uint64_t total);
void ohc_task_advance(struct ohc_task *t, uint64_t bytes);
void ohc_task_end(struct ohc_task *t, const char *outcome);

#endif
