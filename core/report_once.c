// SPDX-License-Identifier: Apache-2.0
#include "core/report_once.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/set.h"

struct kept_message {
	enum ohc_level level;
	char *text;
	struct ohc_buf parts; /* that had it */
	size_t n_parts, last; /* … how many, and the number of the last one */
};

struct ohc_report_once {
	struct ohc_report report;
	struct ohc_report *below;
	pthread_mutex_t lock;
	struct ohc_set *said;
	char *part; /* NULL: what is said now is not a part's */
	size_t nth_part;
	struct kept_message *kept;
	size_t n_kept;
	struct ohc_map *places; /* in kept, by text */
};

/* With the lock held. */
static void keep(struct ohc_report_once *o, enum ohc_level level, const char *text)
{
	size_t at = o->n_kept;
	struct kept_message *k;

	if (!ohc_map_get(o->places, text, &at)) {
		ohc_map_put(o->places, text, at);
		o->kept = ohc_xrealloc(o->kept, o->n_kept + 1, sizeof(*o->kept));
		o->kept[o->n_kept++] = (struct kept_message){ .level = level,
							      .text = ohc_xstrdup(text),
							      .parts = OHC_BUF_INIT };
	}
	k = &o->kept[at];
	if (k->last == o->nth_part)
		return;
	k->last = o->nth_part;
	ohc_buf_addf(&k->parts, "%s%s", k->n_parts++ ? ", " : "", o->part);
}

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	struct ohc_report_once *o = OHC_CONTAINER_OF(r, struct ohc_report_once, report);
	bool passes = true;

	if (level <= OHC_NOTICE) {
		pthread_mutex_lock(&o->lock);
		passes = !o->part && ohc_set_add(o->said, text);
		if (o->part)
			keep(o, level, text);
		pthread_mutex_unlock(&o->lock);
	}
	if (passes)
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
	o->places = ohc_map_new();
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

void ohc_report_once_part(struct ohc_report_once *o, const char *name)
{
	if (!o)
		return;
	pthread_mutex_lock(&o->lock);
	free(o->part);
	o->part = ohc_xstrdup(name);
	o->nth_part++;
	pthread_mutex_unlock(&o->lock);
}

/* Whoever says something meanwhile says it at once. */
void ohc_report_once_join(struct ohc_report_once *o, size_t parts)
{
	if (!o)
		return;
	pthread_mutex_lock(&o->lock);
	free(ohc_take(o->part));
	pthread_mutex_unlock(&o->lock);
	for (size_t i = 0; i < o->n_kept; i++) {
		struct kept_message *k = &o->kept[i];

		if (k->n_parts < parts)
			ohc_report_say(&o->report, k->level, "%s: %s", ohc_buf_str(&k->parts),
				       k->text);
		else
			ohc_report_say(&o->report, k->level, "%s", k->text);
		ohc_buf_clear(&k->parts);
		free(k->text);
	}
	free(ohc_take(o->kept));
	o->n_kept = 0;
	ohc_map_free(o->places);
	o->places = ohc_map_new();
}

void ohc_report_once_freep(struct ohc_report_once **once)
{
	struct ohc_report_once *o = *once;

	if (!o)
		return;
	ohc_report_once_join(o, 0);
	ohc_map_free(o->places);
	ohc_set_free(o->said);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

struct ohc_report *ohc_report_once_report(struct ohc_report_once *once)
{
	return once ? &once->report : NULL;
}
