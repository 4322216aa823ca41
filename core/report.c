// SPDX-License-Identifier: Apache-2.0
#include "core/report.h"

#include <stdarg.h>
#include <stdio.h>

bool ohc_report_wants(const struct ohc_report *r, enum ohc_level level)
{
	return r && level <= r->level;
}

void ohc_report_say(struct ohc_report *r, enum ohc_level level, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (!ohc_report_wants(r, level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->ops->message(r, level, text);
}

struct ohc_task *ohc_task_begin(struct ohc_report *r, const char *verb, const char *subject,
				uint64_t total)
{
	struct ohc_task *t = r ? r->ops->begin(r, verb, subject, total) : NULL;

	if (t && !t->report)
		t->report = r;
	return t;
}

void ohc_task_advance(struct ohc_task *t, uint64_t bytes)
{
	if (t)
		t->report->ops->advance(t, bytes);
}

void ohc_task_end(struct ohc_task *t, const char *outcome)
{
	if (t)
		t->report->ops->end(t, outcome);
}
