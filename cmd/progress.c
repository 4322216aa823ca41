// SPDX-License-Identifier: Apache-2.0
#include "cmd/progress.h"

#include <string.h>
#include <unistd.h>

#include "cmd/printable.h"
#include "cmd/progress_style.h"
#include "core/alloc.h"
#include "core/clock.h"

static struct ohc_progress *of_report(struct ohc_report *r)
{
	return OHC_CONTAINER_OF(r, struct ohc_progress, report);
}

static struct ohc_progress_task *of_task(struct ohc_task *t)
{
	return OHC_CONTAINER_OF(t, struct ohc_progress_task, task);
}

static char *printable(const char *s)
{
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_printable(&b, s);
	return ohc_buf_detach(&b);
}

static void say(struct ohc_progress *p, int level, const char *text, int exit_status)
{
	ohc_cleanup(ohc_freep) char *shown = printable(text);

	pthread_mutex_lock(&p->lock);
	p->style->message(p, level, shown, exit_status);
	pthread_mutex_unlock(&p->lock);
}

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	say(of_report(r), (int)level, text, 0);
}

static void tick(struct ohc_progress *p, uint64_t now)
{
	p->style->tick(p, now);
	atomic_store(&p->next_tick, now + p->style->interval);
}

static struct ohc_task *begin(struct ohc_report *r, const char *verb, const char *subject,
			      uint64_t total)
{
	struct ohc_progress *p = of_report(r);
	struct ohc_progress_task *t, **end = &p->tasks;

	if (!p->tasks_wanted)
		return NULL;
	t = ohc_xcalloc(1, sizeof(*t));
	t->verb = printable(verb);
	t->subject = printable(subject);
	t->total = total;
	t->began = t->shown_at = t->sampled_at = p->clock();
	pthread_mutex_lock(&p->lock);
	while (*end)
		end = &(*end)->next;
	*end = t;
	t->id = ++p->n_begun;
	p->style->begin(p, t);
	pthread_mutex_unlock(&p->lock);
	return &t->task;
}

/* Called for every piece of every blob: between two ticks it costs an addition and a look at the
 * clock, and no thread ever waits here for one that is drawing. */
static void advance(struct ohc_task *task, uint64_t bytes)
{
	struct ohc_progress_task *t = of_task(task);
	struct ohc_progress *p = of_report(task->report);
	uint64_t now = p->clock();

	atomic_fetch_add(&t->bytes, bytes);
	if (now < atomic_load(&p->next_tick) || pthread_mutex_trylock(&p->lock) != 0)
		return;
	if (now >= atomic_load(&p->next_tick))
		tick(p, now);
	pthread_mutex_unlock(&p->lock);
}

static void free_task(struct ohc_progress_task *t)
{
	free(t->verb);
	free(t->subject);
	free(t);
}

static void end(struct ohc_task *task, const char *outcome)
{
	struct ohc_progress_task *t = of_task(task), **at;
	struct ohc_progress *p = of_report(task->report);
	ohc_cleanup(ohc_freep) char *shown = outcome ? printable(outcome) : NULL;

	pthread_mutex_lock(&p->lock);
	for (at = &p->tasks; *at != t; at = &(*at)->next)
		;
	*at = t->next;
	p->style->end(p, t, shown);
	pthread_mutex_unlock(&p->lock);
	free_task(t);
}

static const struct ohc_progress_style *choose(enum ohc_progress_mode mode, FILE *out)
{
	const char *term = getenv("TERM");

	if (mode == OHC_PROGRESS_AUTO)
		mode = isatty(fileno(out)) && term && *term && strcmp(term, "dumb") != 0
			       ? OHC_PROGRESS_TTY
			       : OHC_PROGRESS_PLAIN;
	switch (mode) {
	case OHC_PROGRESS_TTY:
		return &ohc_progress_tty;
	case OHC_PROGRESS_JSON:
		return &ohc_progress_json;
	default:
		return &ohc_progress_plain;
	}
}

struct ohc_report *ohc_progress_new(const struct ohc_progress_options *o)
{
	static const struct ohc_report_ops ops = { message, begin, advance, end };
	struct ohc_progress *p = ohc_xcalloc(1, sizeof(*p));

	p->report.ops = &ops;
	p->report.level = o->level;
	p->style = choose(o->mode, o->out);
	p->out = o->out;
	p->clock = o->clock ? o->clock : ohc_clock_ms;
	p->columns = o->columns;
	p->tasks_wanted = o->level >= OHC_NOTICE && o->mode != OHC_PROGRESS_NONE;
	pthread_mutex_init(&p->lock, NULL);
	return &p->report;
}

void ohc_progress_free(struct ohc_report *report)
{
	struct ohc_progress *p;

	if (!report)
		return;
	p = of_report(report);
	ohc_strv_clear(&p->status);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void ohc_progress_set_status(struct ohc_report *report, const struct ohc_progress_status *s)
{
	struct ohc_progress *p = of_report(report);

	if (!report || !p->tasks_wanted)
		return;
	pthread_mutex_lock(&p->lock);
	ohc_strv_clear(&p->status);
	for (size_t i = 0; s && i < s->lines->n; i++)
		ohc_strv_take(&p->status, printable(s->lines->v[i]));
	p->style->status(p, p->clock(), s ? s->figures : NULL);
	pthread_mutex_unlock(&p->lock);
}

bool ohc_progress_is_live(const struct ohc_report *report)
{
	const struct ohc_progress *p = OHC_CONTAINER_OF(report, struct ohc_progress, report);

	return report && p->tasks_wanted && p->style == &ohc_progress_tty;
}

void ohc_progress_error(struct ohc_report *report, const char *text, int exit_status)
{
	say(of_report(report), -1, text, exit_status);
}

double ohc_progress_rate(struct ohc_progress_task *t, uint64_t now)
{
	uint64_t bytes = atomic_load(&t->bytes), ms = now - t->sampled_at;
	double late;

	/* A rate over less than half a second shows buffers, not the connection. */
	if (ms < 500)
		return t->rate;
	late = (double)(bytes - t->sampled_bytes) * 1000 / (double)ms;
	t->rate = t->rate > 0 ? 0.7 * t->rate + 0.3 * late : late;
	t->sampled_at = now;
	t->sampled_bytes = bytes;
	return t->rate;
}

void ohc_progress_write(struct ohc_progress *p, const struct ohc_buf *text)
{
	fwrite(ohc_buf_str(text), 1, text->len, p->out);
	fflush(p->out);
}
