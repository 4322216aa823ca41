// SPDX-License-Identifier: Apache-2.0
/*
 * Whole runs against hosts with limits of all kinds, on a clock of their own: clients that ask as
 * often as they may, a host that answers as it does, and how much of what it allows was used.
 */
#include "unit.h"

#include "core/alloc.h"
#include "registry/pace.h"
#include "registry/retry.h"

#define CLIENTS 32

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Whole seconds that take at least ms. */
static int64_t seconds_of(double ms)
{
	return ((int64_t)ms + 999) / 1000;
}

enum host_kind {
	OPEN,    /* no limit */
	WINDOW,  /* so many in each minute, counted from the first second on */
	SLIDING, /* so many in any minute */
	BUCKET,  /* so many at once, and a steady trickle */
	TENTH,   /* refuses each tenth, however fast it is asked */
};

struct host {
	enum host_kind kind;
	double limit, period; /* requests, ms */
	double burst;
	double latency;
	bool says_when, says_left;
	unsigned int break_each; /* each so many-th connection is cut */

	double level, at; /* the bucket, the window */
	double *log;      /* of SLIDING: when the last `limit` were let through */
	unsigned int n_log, asked;
};

/* Whether one more is let through; *ret_when: ms until it may be. */
static bool lets(struct host *h, double now, double *ret_when)
{
	bool ok = true;

	*ret_when = 0;
	h->asked++;
	switch (h->kind) {
	case OPEN:
		return true;
	case TENTH:
		return h->asked % 10 != 0;
	case WINDOW:
		if (now >= h->at + h->period) {
			h->at += h->period * (double)(int64_t)((now - h->at) / h->period);
			h->level = 0;
		}
		*ret_when = h->at + h->period - now;
		ok = h->level < h->limit;
		h->level += ok;
		return ok;
	case SLIDING: {
		double *oldest = &h->log[h->n_log % (unsigned int)h->limit];

		ok = h->n_log < h->limit || now - *oldest >= h->period;
		*ret_when = ok ? 0 : *oldest + h->period - now;
		if (ok) {
			*oldest = now;
			h->n_log++;
		}
		return ok;
	}
	case BUCKET:
		h->level = smaller(h->burst, h->level + (now - h->at) * h->limit / h->period);
		h->at = now;
		ok = h->level >= 1;
		*ret_when = ok ? 0 : (1 - h->level) * h->period / h->limit;
		h->level -= ok;
		return ok;
	}
	return true;
}

struct client {
	enum { IDLE, ASKING, RESTING } state;
	double until, entered;
	struct ohc_retry_input retry;
	unsigned int tries[2];
};

struct run {
	unsigned int good, refused, broken, failed;
	double widest;
};

static uint32_t chance(void)
{
	static uint32_t x = 12345;

	x = x * 1664525u + 1013904223u;
	return x >> 8;
}

static void answer(struct host *h, struct ohc_pace *p, struct client *c, double now, struct run *r)
{
	struct ohc_pace_answer a = { .kind = OHC_PACE_GOOD, .entered = c->entered, .asked = -1 };
	struct ohc_quota q = { -1, -1, -1, -1, false };
	char after[32];
	double when = 0;
	uint64_t ms;

	if (h->break_each && (h->asked + 1) % h->break_each == 0) {
		h->asked++;
		a.kind = OHC_PACE_TROUBLE;
		r->broken++;
		c->retry.fault = OHC_HTTP_BROKEN;
	} else if (!lets(h, now, &when)) {
		a.kind = OHC_PACE_REFUSED;
		r->refused++;
		c->retry.fault = OHC_HTTP_FINE;
		c->retry.status = 429;
		c->retry.retry_after = NULL;
		if (h->says_when) {
			snprintf(after, sizeof(after), "%lld", (long long)seconds_of(when));
			c->retry.retry_after = after;
			a.asked = 1000 * (double)seconds_of(when);
		}
	}
	if (h->says_left) {
		q.limit = (int64_t)h->limit;
		q.remaining = (int64_t)(h->limit - h->level);
		q.reset = seconds_of(when);
		a.quota = &q;
	}
	ohc_pace_leave(p, now, &a);
	if (a.kind == OHC_PACE_GOOD) {
		r->good++;
		c->state = IDLE;
		c->tries[0] = c->tries[1] = 0;
		c->retry = (struct ohc_retry_input){ .body = "", .retries = 5 };
		return;
	}
	c->tries[a.kind == OHC_PACE_REFUSED]++;
	c->retry.tries = c->tries[a.kind == OHC_PACE_REFUSED];
	c->retry.random = chance();
	c->state = RESTING;
	if (!ohc_retry(&c->retry, &ms)) {
		r->failed++;
		c->tries[0] = c->tries[1] = 0;
		c->retry = (struct ohc_retry_input){ .body = "", .retries = 5 };
		ms = 0;
	}
	c->retry.waited_ms += ms;
	c->until = now + (double)ms;
}

static void play(struct host *h, double given, double minutes, struct ohc_pace *p, struct run *r)
{
	struct client clients[CLIENTS] = { 0 };
	unsigned int n = 16;

	memset(r, 0, sizeof(*r));
	ohc_pace_init(p, given, 0);
	h->level = h->kind == BUCKET ? h->burst : 0;
	h->log = ohc_xcalloc((size_t)h->limit + 1, sizeof(double));
	for (unsigned int i = 0; i < n; i++)
		clients[i].retry = (struct ohc_retry_input){ .body = "", .retries = 5 };
	for (double now = 0; now < minutes * 60000; now += 1) {
		for (unsigned int i = 0; i < n; i++) {
			struct client *c = &clients[i];

			if (c->state == ASKING && now >= c->until)
				answer(h, p, c, now, r);
			if (c->state == RESTING && now >= c->until)
				c->state = IDLE;
		}
		for (unsigned int i = 0; i < n; i++) {
			struct client *c = &clients[i];

			if (c->state != IDLE || ohc_pace_enter(p, now, false) > 0)
				continue;
			c->state = ASKING;
			c->entered = now;
			c->until = now + h->latency * (0.75 + (double)(chance() % 100) / 200);
		}
		if (p->window > r->widest)
			r->widest = p->window;
	}
	free(h->log);
	h->log = NULL;
	for (unsigned int i = 0; i < n; i++)
		if (clients[i].state == ASKING)
			p->busy--;
	assert_int_equal(p->busy, 0);
}

/* A limit of 2,000 a minute in all the ways that it is kept and told. */
static const struct row {
	const char *what;
	struct host host;
	double given, minutes;
	double refused, used; /* at most, at least; shares */
} rows[] = {
#define MINUTE .limit = 2000, .period = 60000, .latency = 20
	{ "window, when", { WINDOW, MINUTE, .says_when = true }, 0, 5, 0.01, 0.9 },
	{ "window, left", { WINDOW, MINUTE, .says_left = true }, 0, 5, 0.01, 0.9 },
	{ "window, both",
	  { WINDOW, MINUTE, .says_left = true, .says_when = true },
	  0,
	  5,
	  0.01,
	  0.9 },
	{ "window, silent", { WINDOW, MINUTE }, 0, 10, 0.01, 0.9 },
	{ "sliding, when", { SLIDING, MINUTE, .says_when = true }, 0, 5, 0.01, 0.9 },
	/* filled in a burst, it gives its places back in a burst */
	{ "sliding, silent", { SLIDING, MINUTE }, 0, 10, 0.01, 0.85 },
	{ "bucket, when", { BUCKET, MINUTE, .burst = 2000, .says_when = true }, 0, 5, 0.01, 0.9 },
	{ "bucket, silent", { BUCKET, MINUTE, .burst = 2000 }, 0, 5, 0.01, 0.9 },
	{ "small bucket, when",
	  { BUCKET, MINUTE, .burst = 50, .says_when = true },
	  0,
	  5,
	  0.01,
	  0.9 },
	{ "small bucket, silent", { BUCKET, MINUTE, .burst = 50 }, 0, 5, 0.01, 0.9 },
	{ "short window, when",
	  { WINDOW, .limit = 500, .period = 6000, .latency = 8, .says_when = true },
	  0,
	  1,
	  0.01,
	  0.9 },
	{ "short window, left",
	  { WINDOW, .limit = 500, .period = 6000, .latency = 8, .says_left = true },
	  0,
	  1,
	  0.01,
	  0.9 },
	{ "given, short sliding",
	  { SLIDING, .limit = 500, .period = 6000, .latency = 8 },
	  5000 / 60000.0,
	  1,
	  0,
	  0.9 },
	{ "given, window", { WINDOW, MINUTE }, 2000 / 60000.0, 3, 0, 0.9 },
	{ "given, sliding", { SLIDING, MINUTE }, 2000 / 60000.0, 3, 0, 0.9 },
	{ "given, bucket", { BUCKET, MINUTE, .burst = 50 }, 2000 / 60000.0, 3, 0, 0.9 },
};

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct host h = row->host;
		double allowed = h.limit * row->minutes * 60000 / h.period + h.burst;
		struct ohc_pace p;
		struct run r;

		play(&h, row->given, row->minutes, &p, &r);
		print_message("%-22s %5.1f %% used, %4.2f %% refused\n", row->what,
			      100 * r.good / allowed, 100.0 * r.refused / (r.good + r.refused));
		if (r.refused > row->refused * (r.good + r.refused))
			fail_msg("%s: %u of %u refused", row->what, r.refused, r.good + r.refused);
		if (r.good < row->used * allowed)
			fail_msg("%s: %u of %.0f used", row->what, r.good, allowed);
		assert_int_equal(r.failed, 0);
	}
}

/* Refusals that do not come of the pace do not end in one request a minute, told when or not. */
static void test_refusals_at_any_pace(void **state)
{
	struct host quiet = { TENTH, .latency = 20, .break_each = 53 };
	struct host when = { TENTH, .latency = 20, .says_when = true };
	struct ohc_pace p;
	struct run r;

	(void)state;
	play(&quiet, 0, 2, &p, &r);
	assert_true(r.good > 2 * 60 * 100);
	assert_int_equal(r.failed, 0);
	play(&when, 0, 2, &p, &r);
	assert_true(r.good > 2 * 60 * 100);
}

/* Nobody is in the way: as many at a time as there are. */
static void test_no_limit(void **state)
{
	struct host open = { OPEN, .latency = 20 };
	struct ohc_pace p;
	struct run r;

	(void)state;
	play(&open, 0, 1, &p, &r);
	assert_int_equal((int)r.widest, 16);
	assert_true(p.rate == 0);
	assert_true(r.good > 60 * 1000 * 16 / 21 * 0.95);
}

static void leave(struct ohc_pace *p, double now, enum ohc_pace_kind kind, double asked)
{
	struct ohc_pace_answer a = { kind, false, now, asked, NULL };

	ohc_pace_leave(p, now, &a);
}

static void test_window(void **state)
{
	struct ohc_pace p;
	struct ohc_pace_answer a = { OHC_PACE_TROUBLE, false, 0, -1, NULL };

	(void)state;
	ohc_pace_init(&p, 0, 0);
	for (int i = 0; i < OHC_PACE_WINDOW_FIRST; i++)
		assert_true(ohc_pace_enter(&p, 0, false) == 0);
	assert_true(ohc_pace_enter(&p, 0, false) == INFINITY);
	assert_true(ohc_pace_enter(&p, 0, true) == 0); /* bulk does not take a place */
	/* one that got an answer makes room for itself and one more */
	leave(&p, 1, OHC_PACE_GOOD, -1);
	assert_true(ohc_pace_enter(&p, 1, false) == 0);
	assert_true(ohc_pace_enter(&p, 1, false) == 0);
	assert_true(ohc_pace_enter(&p, 1, false) == INFINITY);
	/* all that broke together count once */
	for (int i = 0; i < 4; i++)
		ohc_pace_leave(&p, 2, &a);
	assert_true(p.window > 4 && p.window < 5);
	/* less than one more in a round of answers */
	assert_true(ohc_pace_enter(&p, 3, false) == INFINITY);
	for (int i = 0; i < 5; i++)
		leave(&p, 3, OHC_PACE_GOOD, -1);
	assert_true(p.window > 4.5 && p.window < 5.5);
	assert_int_equal(p.busy, 0);
}

/* A host that let n through and then none for as long as it says has let n through in all of that
 * time: the first refusal is enough to know its rate. */
static void test_told(void **state)
{
	struct ohc_pace p;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	for (int i = 0; i < 500; i++) {
		assert_true(ohc_pace_enter(&p, 4 * i, false) == 0);
		leave(&p, 4 * i, OHC_PACE_GOOD, -1);
	}
	assert_true(ohc_pace_enter(&p, 2000, false) == 0);
	leave(&p, 2000, OHC_PACE_REFUSED, 4000);
	assert_true(p.rate > 0.9 * 500 / 6000.0 && p.rate < 500 / 6000.0);
}

/* Trouble is no reason to go slower, but the host may ask for a pause. */
static void test_trouble(void **state)
{
	struct ohc_pace p;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	for (int i = 0; i < 100; i++) {
		assert_true(ohc_pace_enter(&p, i, false) == 0);
		leave(&p, i, OHC_PACE_GOOD, -1);
	}
	assert_true(ohc_pace_enter(&p, 100, false) == 0);
	leave(&p, 100, OHC_PACE_TROUBLE, 3000);
	assert_true(p.rate == 0);
	assert_true(ohc_pace_enter(&p, 101, false) == 2999);
	/* then one goes first, and the others when it got through */
	assert_true(ohc_pace_enter(&p, 3100, false) == 0);
	assert_true(ohc_pace_enter(&p, 3101, false) > 0);
	leave(&p, 3110, OHC_PACE_GOOD, -1);
	assert_true(ohc_pace_enter(&p, 3110, false) == 0);
	assert_true(ohc_pace_enter(&p, 3110, false) == 0);
}

/* A host that wants us back tomorrow, and one that lets nothing through for two minutes. */
static void test_patience(void **state)
{
	struct ohc_pace p;
	double now = 0;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	assert_false(ohc_pace_is_hopeless(&p, 0));
	assert_true(ohc_pace_enter(&p, 0, false) == 0);
	leave(&p, 0, OHC_PACE_REFUSED, 86400 * 1000.0);
	assert_true(ohc_pace_is_hopeless(&p, 1));
	assert_true(ohc_pace_enter(&p, 1, false) == 0);

	ohc_pace_init(&p, 0, 0);
	for (int i = 0; now < 120000; i++) {
		double wait = ohc_pace_enter(&p, now, false);

		assert_true(wait <= 10000 && i < 200);
		now += wait;
		assert_true(now > 120000 || !ohc_pace_is_hopeless(&p, now));
		if (wait == 0)
			leave(&p, now += 20, OHC_PACE_REFUSED, -1);
	}
	assert_true(ohc_pace_is_hopeless(&p, now + 21));
	/* a time that was asked for is no silence */
	while (ohc_pace_enter(&p, now, false) > 0)
		now += 1000;
	leave(&p, now, OHC_PACE_REFUSED, 300000);
	assert_false(ohc_pace_is_hopeless(&p, now + 300000));
	while (ohc_pace_enter(&p, now, false) > 0)
		now += 1000;
	leave(&p, now, OHC_PACE_GOOD, -1);
	assert_false(ohc_pace_is_hopeless(&p, now));
}

/* A host that answered and is away is tried by one at a time, for five minutes; one that never was
 * there is nobody's to wait for. */
static void test_away(void **state)
{
	struct ohc_pace p;
	double now = 1;
	int tries = 0;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	for (int i = 0; i < 10; i++) {
		assert_true(ohc_pace_enter(&p, 0, false) == 0);
		leave(&p, 0, OHC_PACE_AWAY, -1);
	}
	assert_true(ohc_pace_enter(&p, 0, false) == 0);
	leave(&p, 0, OHC_PACE_GOOD, -1);
	assert_true(ohc_pace_enter(&p, 0, false) == 0);
	leave(&p, now, OHC_PACE_AWAY, -1);
	assert_true(ohc_pace_enter(&p, 1, false) > 0);
	assert_string_equal(ohc_pace_reason(&p, 1), "it cannot be reached any more");
	while (!ohc_pace_is_hopeless(&p, now) && tries < 100) {
		double wait = ohc_pace_enter(&p, now, false);

		assert_true(wait <= 10000);
		now += wait;
		if (wait > 0)
			continue;
		assert_true(ohc_pace_enter(&p, now, false) > 0); /* one alone */
		leave(&p, now += 1, OHC_PACE_AWAY, -1);
		tries++;
	}
	assert_in_range(now, 300000, 311000);
	assert_in_range(tries, 20, 40);
	/* … and then the rest fail at once */
	now += 10001;
	for (int i = 0; i < 10; i++) {
		assert_true(ohc_pace_enter(&p, now, false) == 0);
		leave(&p, now, OHC_PACE_AWAY, -1);
	}
	assert_true(ohc_pace_enter(&p, now, false) == 0);
	leave(&p, now, OHC_PACE_GOOD, -1);
	assert_false(ohc_pace_is_hopeless(&p, now));
}

static void hear(struct ohc_pace *p, double now, struct ohc_quota q)
{
	struct ohc_pace_answer a = { OHC_PACE_GOOD, false, now, -1, &q };

	assert_true(ohc_pace_enter(p, now, false) == 0);
	ohc_pace_leave(p, now, &a);
}

static void test_quota(void **state)
{
	struct ohc_pace p;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	/* plenty: as fast as can be */
	hear(&p, 0, (struct ohc_quota){ 100, 80, 60, -1, false });
	assert_true(ohc_pace_rate(&p, 0) == 0);
	/* it runs low: what is left is spread */
	hear(&p, 10000, (struct ohc_quota){ 100, 20, 50, -1, false });
	assert_true(1000 * ohc_pace_rate(&p, 10000) == 20 / 50.0);
	/* nothing is left */
	p.next = 0;
	hear(&p, 30000, (struct ohc_quota){ 100, 0, 30, -1, false });
	assert_true(ohc_pace_enter(&p, 30000, false) == 30000);
	/* it is whole again */
	assert_true(ohc_pace_rate(&p, 60000) == 0);
	hear(&p, 60000, (struct ohc_quota){ 100, 99, 60, -1, false });
	/* pulls are not requests, and what would take an hour is not waited for */
	hear(&p, 60000, (struct ohc_quota){ 100, 0, -1, 21600, true });
	assert_true(ohc_pace_enter(&p, 60000, false) == 0);
	leave(&p, 60000, OHC_PACE_GOOD, -1);
	hear(&p, 130000, (struct ohc_quota){ 100, 0, 3600, -1, false });
	assert_true(ohc_pace_enter(&p, 130000, false) == 0);
}

/* A quota of which nothing is ever left, while every request gets through. */
static void test_lies(void **state)
{
	struct ohc_pace p;
	double now = 0, wait;

	(void)state;
	ohc_pace_init(&p, 0, 0);
	for (int i = 0; i < 50; i++) {
		struct ohc_pace_answer good = { OHC_PACE_GOOD, false, 0, -1,
						&(struct ohc_quota){ 100, 0, 10, -1, false } };

		for (; (wait = ohc_pace_enter(&p, now, false)) > 0; now += wait)
			;
		good.entered = now;
		now += 20;
		ohc_pace_leave(&p, now, &good);
	}
	assert_true(now < 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),   cmocka_unit_test(test_refusals_at_any_pace),
		cmocka_unit_test(test_no_limit), cmocka_unit_test(test_window),
		cmocka_unit_test(test_told),     cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_patience), cmocka_unit_test(test_away),
		cmocka_unit_test(test_quota),    cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
