// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_warnings.h"

#include <pthread.h>
#include <string.h>

#include "compose/bake/outcome.h"
#include "core/alloc.h"
#include "core/map.h"

struct kept_warning {
	char *text; /* the first */
	size_t n;
	bool differ;
};

struct ohc_bake_warnings {
	struct ohc_report report;
	struct ohc_report *below;
	pthread_mutex_t lock;
	bool told;
	struct ohc_journal *journal; /* NULL: none */
	struct kept_warning *v;
	size_t n;
	struct ohc_map *places; /* in v, by reason */
};

static void keep(struct ohc_bake_warnings *w, const char *text)
{
	ohc_cleanup(ohc_freep) char *reason = ohc_bake_reason(text);
	size_t at = w->n;

	if (!ohc_map_get(w->places, reason, &at)) {
		ohc_map_put(w->places, reason, w->n);
		w->v = ohc_xrealloc(w->v, w->n + 1, sizeof(*w->v));
		w->v[w->n++] = (struct kept_warning){ .text = ohc_xstrdup(text) };
	}
	w->v[at].n++;
	w->v[at].differ |= strcmp(w->v[at].text, text) != 0;
}

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	struct ohc_bake_warnings *w = OHC_CONTAINER_OF(r, struct ohc_bake_warnings, report);
	bool kept;

	pthread_mutex_lock(&w->lock);
	kept = level == OHC_WARNING && !w->told;
	if (kept) {
		keep(w, text);
		ohc_journal_warn(w->journal, text);
	}
	pthread_mutex_unlock(&w->lock);
	if (!kept)
		ohc_report_say(w->below, level, "%s", text);
}

/* The task is the report's below, which is told how it goes on. */
static struct ohc_task *begin(struct ohc_report *r, const char *verb, const char *subject,
			      uint64_t total)
{
	const struct ohc_bake_warnings *w = OHC_CONTAINER_OF(r, struct ohc_bake_warnings, report);

	return ohc_task_begin(w->below, verb, subject, total);
}

struct ohc_bake_warnings *ohc_bake_warnings_new(struct ohc_report *report)
{
	static const struct ohc_report_ops ops = { .message = message, .begin = begin };
	struct ohc_bake_warnings *w;

	if (!report)
		return NULL;
	w = ohc_xcalloc(1, sizeof(*w));
	w->report.ops = &ops;
	w->report.level = report->level;
	w->below = report;
	w->places = ohc_map_new();
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

struct ohc_report *ohc_bake_warnings_report(struct ohc_bake_warnings *w)
{
	return w ? &w->report : NULL;
}

void ohc_bake_warnings_note(struct ohc_bake_warnings *w, struct ohc_journal *j)
{
	const struct ohc_strv *before = ohc_journal_warnings(j);

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->journal = j;
	for (size_t i = 0; i < before->n; i++)
		keep(w, before->v[i]);
	pthread_mutex_unlock(&w->lock);
}

void ohc_bake_warnings_tell(struct ohc_bake_warnings *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n && !w->told; i++) {
		const struct kept_warning *k = &w->v[i];

		if (k->n == 1)
			ohc_report_say(w->below, OHC_WARNING, "%s", k->text);
		else
			ohc_report_say(w->below, OHC_WARNING, "%zu × %s%s", k->n, k->text,
				       k->differ ? " (names and numbers are the first's)" : "");
	}
	if (!w->told)
		ohc_journal_told(w->journal);
	w->told = true;
	pthread_mutex_unlock(&w->lock);
}

void ohc_bake_warnings_freep(struct ohc_bake_warnings **p)
{
	struct ohc_bake_warnings *w = *p;

	if (!w)
		return;
	ohc_bake_warnings_tell(w);
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].text);
	free(w->v);
	ohc_map_free(w->places);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
