// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_status.h"

#include <pthread.h>

#include "cmd/progress.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/units.h"

#define INTERVAL_MS 500
#define SAMPLE_MS   2000 /* over less, the rate jumps */
#define HOSTS_MAX   8    /* that are shown */

struct ohc_bake_status {
	struct ohc_report *report;
	struct ohc_limits *limits;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t wake;
	bool stopped;
	size_t n, ended, states[OHC_BAKE_LEFT + 1];
	uint64_t uploaded, mounted;

	double rate;     /* images a second, of late; 0: not yet known */
	bool has_sample; /* rate is smoothed, up to sampled_at; else of all since then */
	int64_t sampled_at;
	size_t sampled;
};

static void sample(struct ohc_bake_status *s)
{
	int64_t now = ohc_clock_ms(), ms = now - s->sampled_at;
	double late = (double)(s->ended - s->sampled) * 1000 / (double)(ms ? ms : 1);

	if (!s->has_sample)
		s->rate = late;
	if (ms < SAMPLE_MS)
		return;
	if (s->has_sample)
		s->rate = 0.7 * s->rate + 0.3 * late;
	s->has_sample = s->ended > 0;
	s->sampled_at = now;
	s->sampled = s->ended;
}

static uint64_t left_ms(const struct ohc_bake_status *s)
{
	return (uint64_t)(1000 * (double)(s->n - s->ended) / s->rate);
}

static char *images_line(const struct ohc_bake_status *s)
{
	static const struct {
		enum ohc_bake_state state;
		const char *word;
	} shown[] = { { OHC_BAKE_THERE, "there" },
		      { OHC_BAKE_LEFT, "left" },
		      { OHC_BAKE_FAILED, "failed" } };
	struct ohc_buf b = OHC_BUF_INIT;
	char left[OHC_UNITS_TEXT];

	ohc_buf_addf(&b, "%zu/%zu images: %zu done", s->ended, s->n, s->states[OHC_BAKE_DONE]);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(shown); i++)
		if (s->states[shown[i].state])
			ohc_buf_addf(&b, ", %zu %s", s->states[shown[i].state], shown[i].word);
	if (s->rate > 0)
		ohc_buf_addf(&b, "; %.1f/s, %s left", s->rate,
			     ohc_units_duration(left_ms(s), left));
	return ohc_buf_detach(&b);
}

static char *bytes_line(const struct ohc_bake_status *s)
{
	struct ohc_buf b = OHC_BUF_INIT;
	char up[OHC_UNITS_TEXT], mounted[OHC_UNITS_TEXT];

	ohc_buf_addf(&b, "%s uploaded, %s mounted", ohc_units_bytes(s->uploaded, up),
		     ohc_units_bytes(s->mounted, mounted));
	return ohc_buf_detach(&b);
}

static char *host_line(const struct ohc_limits_view *v)
{
	struct ohc_buf b = OHC_BUF_INIT;
	char closed[OHC_UNITS_TEXT];

	ohc_buf_addf(&b, "%s: %llu requests, %u of %u at a time", v->host,
		     (unsigned long long)v->requests, v->busy, v->window);
	if (v->a_minute > 0)
		ohc_buf_addf(&b, ", %.0f a minute allowed", v->a_minute);
	if (v->refused)
		ohc_buf_addf(&b, ", %llu refused", (unsigned long long)v->refused);
	if (v->closed > 0)
		ohc_buf_addf(&b, ", waits %s",
			     ohc_units_duration((uint64_t)(1000 * v->closed), closed));
	return ohc_buf_detach(&b);
}

static json_t *host_figures(const struct ohc_limits_view *v)
{
	return json_pack("{s:s, s:I, s:I, s:i, s:i, s:f, s:f}", "host", v->host, "requests",
			 (json_int_t)v->requests, "refused", (json_int_t)v->refused, "underWay",
			 (int)v->busy, "atATime", (int)v->window, "aMinute", v->a_minute, "waits",
			 v->closed);
}

static json_t *figures(const struct ohc_bake_status *s)
{
	json_t *j = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I}}", "images",
			      (json_int_t)s->n, "ended", (json_int_t)s->ended, "done",
			      (json_int_t)s->states[OHC_BAKE_DONE], "there",
			      (json_int_t)s->states[OHC_BAKE_THERE], "failed",
			      (json_int_t)s->states[OHC_BAKE_FAILED], "left",
			      (json_int_t)s->states[OHC_BAKE_LEFT], "bytes", "uploaded",
			      (json_int_t)s->uploaded, "mounted", (json_int_t)s->mounted);

	if (s->rate > 0) {
		json_object_set_new(j, "rate", json_real(s->rate));
		json_object_set_new(j, "remaining", json_real((double)left_ms(s) / 1000));
	}
	return j;
}

static void show(struct ohc_bake_status *s)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv lines = OHC_STRV_INIT;
	ohc_cleanup(ohc_json_decref) json_t *j = figures(s), *hosts = json_array();
	struct ohc_limits_view views[HOSTS_MAX];
	size_t n = ohc_limits_look(s->limits, views, HOSTS_MAX);

	ohc_strv_take(&lines, images_line(s));
	ohc_strv_take(&lines, bytes_line(s));
	for (size_t i = 0; i < n && i < HOSTS_MAX; i++) {
		ohc_strv_take(&lines, host_line(&views[i]));
		json_array_append_new(hosts, host_figures(&views[i]));
	}
	json_object_set(j, "hosts", hosts);
	ohc_progress_set_status(s->report,
				&(struct ohc_progress_status){ .lines = &lines, .figures = j });
}

static void *run(void *ctx)
{
	struct ohc_bake_status *s = ctx;

	pthread_mutex_lock(&s->lock);
	while (!s->stopped) {
		sample(s);
		show(s);
		ohc_cond_wait_until(&s->wake, &s->lock, ohc_clock_ms() + INTERVAL_MS);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct ohc_bake_status *ohc_bake_status_start(struct ohc_report *report, struct ohc_limits *limits,
					      size_t n)
{
	struct ohc_bake_status *s = ohc_xcalloc(1, sizeof(*s));

	s->report = report;
	s->limits = limits;
	s->n = n;
	s->sampled_at = ohc_clock_ms();
	pthread_mutex_init(&s->lock, NULL);
	ohc_cond_init(&s->wake);
	/* Where there is no thread, the bake runs without a status. */
	s->has_thread = pthread_create(&s->thread, NULL, run, s) == 0;
	return s;
}

void ohc_bake_status_ended(struct ohc_bake_status *s, const struct ohc_bake_outcome *o)
{
	struct ohc_bake_totals t;

	ohc_bake_sum(o, 1, &t);
	pthread_mutex_lock(&s->lock);
	s->ended++;
	s->states[o->state]++;
	s->uploaded += t.uploaded;
	s->mounted += t.mounted;
	pthread_mutex_unlock(&s->lock);
}

void ohc_bake_status_stop(struct ohc_bake_status *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopped = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (s->has_thread)
		pthread_join(s->thread, NULL);
	ohc_progress_set_status(s->report, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
