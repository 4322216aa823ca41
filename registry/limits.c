// SPDX-License-Identifier: Apache-2.0
#include "registry/limits.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/cond.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "registry/url.h"

#define LOOK_MS 100  /* how long a signal may go unseen */
#define LONG_MS 5000 /* a wait that is told */

struct waiter {
	struct waiter *next;
	pthread_cond_t turn;
};

struct ohc_limits_host {
	struct ohc_limits_host *next;
	char *name;
	pthread_mutex_t lock;
	struct ohc_pace pace;
	struct waiter *waiters;
	uint64_t requests, refused;
	double told;    /* until when nobody goes, as was told */
	bool told_rate; /* that its pace makes requests wait long */
};

struct given_rate {
	struct given_rate *next;
	char *host;  /* NULL: all others */
	char *named; /* the host as it was named */
	double rate; /* requests a millisecond */
};

struct ohc_limits {
	pthread_mutex_t lock; /* of the lists */
	struct ohc_limits_host *hosts;
	struct given_rate *given;
};

static double now_ms(void)
{
	return 1000 * ohc_clock_seconds();
}

struct ohc_limits *ohc_limits_new(void)
{
	struct ohc_limits *l = ohc_xcalloc(1, sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void ohc_limits_free(struct ohc_limits *l)
{
	if (!l)
		return;
	while (l->hosts) {
		struct ohc_limits_host *h = l->hosts;

		l->hosts = h->next;
		pthread_mutex_destroy(&h->lock);
		free(h->name);
		free(h);
	}
	while (l->given) {
		struct given_rate *g = l->given;

		l->given = g->next;
		free(g->host);
		free(g->named);
		free(g);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* ---- what the user says ---- */

static int parse_rate(const char *text, char **ret_host, double *ret_rate, struct ohc_error *err)
{
	static const struct {
		char unit;
		double ms;
	} units[] = { { 's', 1e3 }, { 'm', 60e3 }, { 'h', 3600e3 }, { 'd', 86400e3 } };
	const char *eq = strrchr(text, '='), *number = eq ? eq + 1 : text;
	const size_t n_host = strspn(text, OHC_ASCII_ALNUM "._-:[]");
	unsigned int n;
	char unit, end;

	if (eq != text && (!eq || n_host == (size_t)(eq - text)) &&
	    isdigit((unsigned char)*number) && sscanf(number, "%9u/%c%c", &n, &unit, &end) == 2 &&
	    n > 0)
		for (size_t i = 0; i < OHC_ARRAY_SIZE(units); i++)
			if (units[i].unit == unit) {
				*ret_rate = n / units[i].ms;
				*ret_host = eq ? ohc_xstrndup(text, (size_t)(eq - text)) : NULL;
				return 0;
			}
	return ohc_error_set(err, OHC_E_USAGE, "takes [HOST=]N/s, N/m, N/h or N/d, not '%s'", text);
}

int ohc_limits_check(const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *host = NULL;
	double rate;

	return parse_rate(text, &host, &rate, err);
}

int ohc_limits_set(struct ohc_limits *l, const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *host = NULL;
	struct given_rate *g;
	double rate;
	int rc = parse_rate(text, &host, &rate, err);

	if (rc < 0)
		return rc;
	g = ohc_xcalloc(1, sizeof(*g));
	g->host = host ? ohc_xstrdup(ohc_url_registry_host(host)) : NULL;
	g->named = ohc_take(host);
	g->rate = rate;
	g->next = l->given;
	l->given = g;
	return 0;
}

/* The last word on the host wins, and wins over the one on all hosts. */
static double given_for(const struct ohc_limits *l, const char *host)
{
	double all = 0;

	for (const struct given_rate *g = l->given; g; g = g->next) {
		if (g->host && strcmp(g->host, host) == 0)
			return g->rate;
		if (!g->host && all == 0)
			all = g->rate;
	}
	return all;
}

/* ---- waiting ---- */

static struct ohc_limits_host *find(struct ohc_limits *l, const char *name)
{
	struct ohc_limits_host *h = l->hosts;

	while (h && strcmp(h->name, name) != 0)
		h = h->next;
	return h;
}

static struct ohc_limits_host *find_or_make(struct ohc_limits *l, const char *name)
{
	struct ohc_limits_host *h;

	pthread_mutex_lock(&l->lock);
	h = find(l, name);
	if (!h) {
		h = ohc_xcalloc(1, sizeof(*h));
		h->name = ohc_xstrdup(name);
		pthread_mutex_init(&h->lock, NULL);
		ohc_pace_init(&h->pace, given_for(l, name), now_ms());
		h->next = l->hosts;
		l->hosts = h;
	}
	pthread_mutex_unlock(&l->lock);
	return h;
}

static void wake_first(struct ohc_limits_host *h)
{
	if (h->waiters)
		pthread_cond_signal(&h->waiters->turn);
}

static void queue_up(struct ohc_limits_host *h, struct waiter *w)
{
	struct waiter **end = &h->waiters;

	ohc_cond_init(&w->turn);
	while (*end)
		end = &(*end)->next;
	*end = w;
}

static void go_away(struct ohc_limits_host *h, struct waiter *w)
{
	struct waiter **at = &h->waiters;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	pthread_cond_destroy(&w->turn);
	wake_first(h);
}

static void wait_for(struct ohc_limits_host *h, struct waiter *w, double ms)
{
	struct timespec at;
	long long ns;

	if (ms > LOOK_MS)
		ms = LOOK_MS;
	clock_gettime(CLOCK_MONOTONIC, &at);
	ns = at.tv_nsec + (long long)(ms * 1e6);
	at.tv_sec += ns / 1000000000;
	at.tv_nsec = ns % 1000000000;
	pthread_cond_timedwait(&w->turn, &h->lock, &at);
}

/* A time when nobody may go is told once; that a slow pace makes each request wait, too. */
static void say_wait(struct ohc_limits_host *h, double ms, struct ohc_report *report)
{
	double now = now_ms();
	bool closed = h->pace.next < now + ms;

	if (ms < LONG_MS || !isfinite(ms) || (closed ? now + ms < h->told + 1000 : h->told_rate))
		return;
	if (closed)
		h->told = now + ms;
	else
		h->told_rate = true;
	ohc_report_say(report, OHC_NOTICE, "'%s' is asked for nothing for %.0f s: %s", h->name,
		       ms / 1000, ohc_pace_reason(&h->pace, now));
}

/* Under the lock: in the order in which they came, and as the pace allows. */
static int wait_turn(struct ohc_limits_host *h, bool bulk, struct ohc_report *report,
		     struct ohc_error *err)
{
	struct waiter w = { .next = NULL };
	double ms;
	int rc;

	if (!h->waiters && ohc_pace_enter(&h->pace, now_ms(), bulk) == 0)
		return 0;
	queue_up(h, &w);
	while ((rc = ohc_interrupt_check(err)) == 0) {
		ms = h->waiters == &w ? ohc_pace_enter(&h->pace, now_ms(), bulk) : LOOK_MS;
		if (ms <= 0)
			break;
		say_wait(h, ms, report);
		wait_for(h, &w, ms);
	}
	go_away(h, &w);
	return rc;
}

int ohc_limits_enter(struct ohc_limits *l, const char *authority, bool bulk,
		     struct ohc_report *report, struct ohc_limits_pass *ret, struct ohc_error *err)
{
	struct ohc_limits_host *h = find_or_make(l, authority);
	int rc;

	pthread_mutex_lock(&h->lock);
	rc = wait_turn(h, bulk, report, err);
	if (rc == 0)
		*ret = (struct ohc_limits_pass){ h, bulk, now_ms() };
	pthread_mutex_unlock(&h->lock);
	return rc;
}

void ohc_limits_enter_now(struct ohc_limits *l, const char *authority, struct ohc_limits_pass *ret)
{
	struct ohc_limits_host *h = find_or_make(l, authority);

	pthread_mutex_lock(&h->lock);
	ohc_pace_enter_now(&h->pace, now_ms());
	pthread_mutex_unlock(&h->lock);
	*ret = (struct ohc_limits_pass){ h, true, now_ms() };
}

void ohc_limits_leave(struct ohc_limits_pass *pass, const struct ohc_pace_answer *a)
{
	struct ohc_limits_host *h = pass->host;
	struct ohc_pace_answer whole = *a;

	if (!h)
		return;
	whole.bulk = pass->bulk;
	whole.entered = pass->entered;
	pthread_mutex_lock(&h->lock);
	ohc_pace_leave(&h->pace, now_ms(), &whole);
	h->requests += a->kind != OHC_PACE_UNKNOWN;
	h->refused += a->kind == OHC_PACE_REFUSED;
	wake_first(h);
	pthread_mutex_unlock(&h->lock);
	pass->host = NULL;
}

bool ohc_limits_is_hopeless(struct ohc_limits *l, const char *authority)
{
	struct ohc_limits_host *h = find_or_make(l, authority);
	bool hopeless;

	pthread_mutex_lock(&h->lock);
	hopeless = ohc_pace_is_hopeless(&h->pace, now_ms());
	pthread_mutex_unlock(&h->lock);
	return hopeless;
}

bool ohc_limits_is_away(struct ohc_limits *l, const char *authority)
{
	struct ohc_limits_host *h = find_or_make(l, authority);
	bool away;

	pthread_mutex_lock(&h->lock);
	away = h->pace.away;
	pthread_mutex_unlock(&h->lock);
	return away;
}

/* ---- for who shows them ---- */

static void look_at_pace(const struct ohc_pace *p, struct ohc_limits_view *v)
{
	double now = now_ms();

	v->busy = p->busy;
	v->window = (unsigned int)p->window;
	v->a_minute = 60e3 * (p->given > 0 ? p->given : ohc_pace_rate(p, now));
	v->closed = p->closed > now ? (p->closed - now) / 1000 : 0;
	v->quota = p->quota;
}

static void look_at(struct ohc_limits_host *h, struct ohc_limits_view *v)
{
	pthread_mutex_lock(&h->lock);
	*v = (struct ohc_limits_view){ .requests = h->requests, .refused = h->refused };
	snprintf(v->host, sizeof(v->host), "%s", h->name);
	look_at_pace(&h->pace, v);
	pthread_mutex_unlock(&h->lock);
}

/* A host that was not asked yet is looked at as it would begin. */
bool ohc_limits_find(struct ohc_limits *l, const char *host, struct ohc_limits_view *ret)
{
	const char *name = ohc_url_registry_host(host);
	struct ohc_limits_host *h;
	struct ohc_pace fresh;

	pthread_mutex_lock(&l->lock);
	h = find(l, name);
	ohc_pace_init(&fresh, given_for(l, name), now_ms());
	pthread_mutex_unlock(&l->lock);
	if (h) {
		look_at(h, ret);
		return true;
	}
	if (fresh.given <= 0)
		return false;
	*ret = (struct ohc_limits_view){ .requests = 0 };
	snprintf(ret->host, sizeof(ret->host), "%s", name);
	look_at_pace(&fresh, ret);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ohc_limits_view *)a)->host,
		      ((const struct ohc_limits_view *)b)->host);
}

size_t ohc_limits_look(struct ohc_limits *l, struct ohc_limits_view *v, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	for (struct ohc_limits_host *h = l->hosts; h; h = h->next, n++)
		if (n < max)
			look_at(h, &v[n]);
	pthread_mutex_unlock(&l->lock);
	if (v)
		qsort(v, n < max ? n : max, sizeof(*v), by_name);
	return n;
}

void ohc_limits_unasked(struct ohc_limits *l, struct ohc_strv *ret)
{
	pthread_mutex_lock(&l->lock);
	for (const struct given_rate *g = l->given; g; g = g->next)
		if (g->host && !find(l, g->host) && !ohc_strv_has(ret, g->named))
			ohc_strv_add(ret, g->named);
	pthread_mutex_unlock(&l->lock);
}
