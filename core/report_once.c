// SPDX-License-Identifier: Apache-2.0
#include "core/report_once.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/set.h"

struct ohc_report_once {
	struct ohc_report report;
	struct ohc_report *below;
	pthread_mutex_t lock;
	struct ohc_set *said;
};

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	struct ohc_report_once *o = OHC_CONTAINER_OF(r, struct ohc_report_once, report);
	bool fresh = true;

	if (level <= OHC_NOTICE) {
		pthread_mutex_lock(&o->lock);
		fresh = ohc_set_add(o->said, text);
		pthread_mutex_unlock(&o->lock);
	}
	if (fresh)
		ohc_report_say(o->below, level, "%s", text);
}

/* The task is the report's below, which is told how it goes on. */
static struct ohc_task *begin(struct ohc_report *r, const char *verb, const char *subject,
			      uint64_t total)
{
	const struct ohc_report_once *o = OHC_CONTAINER_OF(r, struct ohc_report_once, report);

	return ohc_task_begin(o->below, verb, subject, total);
}

struct ohc_report_once *ohc_report_once_new(struct ohc_report *report)
{
	static const struct ohc_report_ops ops = { .message = message, .begin = begin };
	struct ohc_report_once *o;

	if (!report)
		return NULL;
	o = ohc_xcalloc(1, sizeof(*o));
	o->report.ops = &ops;
	o->report.level = report->level;
	o->below = report;
	o->said = ohc_set_new();
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

void ohc_report_once_freep(struct ohc_report_once **once)
{
	struct ohc_report_once *o = *once;

	if (!o)
		return;
	ohc_set_free(o->said);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

struct ohc_report *ohc_report_once_report(struct ohc_report_once *once)
{
	return once ? &once->report : NULL;
}
