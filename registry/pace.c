// SPDX-License-Identifier: Apache-2.0
#include "registry/pace.h"

#define CATCH_UP     50.0 /* of a time that went by unused, so much is made up for */
#define BELOW_GIVEN  0.98 /* so that what is caught up stays within the limit, too */
#define BELOW_SEEN   0.97 /* of what was measured */
#define NEAR         1.6  /* times what was seen */
#define BELOW_MET    0.9  /* of the pace at which a refusal was met */
#define ENOUGH       20   /* good answers that a measurement takes */
#define ROW          5    /* refusals in a row that close a host */
#define FIRST_CLOSED 500.0
#define LAST_CLOSED  10000.0
#define SILENCE_MAX  120000.0 /* of a host that does not say for how long */
#define AWAY_MAX     300000.0 /* of a host that has answered before */
#define PROBE        2000.0   /* then another one goes ahead */
#define BLOCK        2000.0   /* between two raises */
#define STEP         0.0025   /* the k-th raise is k times this */
#define HOLD_MAX     5        /* 2^5 blocks without a raise where the pace was confirmed */
#define MANY         0.02     /* a share of refusals above the usual one that means something */
#define LIES         3        /* a quota that is used up before the first request is none */
#define RESERVE      0.25     /* of a quota; below that it is spread over the time */

void ohc_pace_init(struct ohc_pace *p, double given, double now)
{
	*p = (struct ohc_pace){
		.given = given,
		.window = OHC_PACE_WINDOW_FIRST,
		.since = now,
		.quota = { -1, -1, -1, -1, false },
	};
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* The quota that the host told of is one of requests, with a time, and tells the truth. */
static bool has_quota(const struct ohc_pace *p, double now)
{
	return p->whole > now && p->lies < LIES && p->whole - now <= OHC_PATIENCE_MS;
}

/* Spreads what is left of a quota over its time when it runs low; 0: not yet. */
static double quota_rate(const struct ohc_pace *p, double now)
{
	if (!has_quota(p, now) || p->left > RESERVE * (double)p->quota.limit)
		return 0;
	return larger(p->left, 1) / (p->whole - now);
}

double ohc_pace_rate(const struct ohc_pace *p, double now)
{
	double own = p->given > 0 ? BELOW_GIVEN * p->given : p->rate, quota = quota_rate(p, now);

	if (own <= 0 || quota <= 0)
		return larger(own, quota);
	return smaller(own, quota);
}

/* When somebody may go at all, or `now`. */
static double opens(const struct ohc_pace *p, double now)
{
	double at = larger(now, p->closed);

	if (has_quota(p, now) && p->left < 1)
		at = larger(at, p->whole);
	return at;
}

double ohc_pace_enter(struct ohc_pace *p, double now, bool bulk)
{
	double at = opens(p, now), rate;

	if (at > now)
		return at - now;
	if (p->ajar && p->probing > 0 && now - p->probing < PROBE)
		return p->probing + PROBE - now;
	if (!bulk && p->busy >= (unsigned int)p->window) {
		p->full = true;
		return INFINITY;
	}
	rate = ohc_pace_rate(p, now);
	if (rate > 0) {
		if (p->next > now) {
			p->bound = true;
			return p->next - now;
		}
		p->next = larger(p->next, now - CATCH_UP) + 1 / rate;
	}
	if (p->ajar)
		p->probing = now;
	p->left -= 1;
	p->busy += !bulk;
	return 0;
}

void ohc_pace_enter_now(struct ohc_pace *p, double now)
{
	double rate = ohc_pace_rate(p, now);

	if (rate > 0)
		p->next = larger(p->next, now) + 1 / rate;
	p->left -= 1;
}

/* ---- how many ---- */

static void widen(struct ohc_pace *p)
{
	if (!p->full)
		return;
	p->window = smaller(p->window + (p->met ? 1 / p->window : 1), OHC_PACE_WINDOW_MAX);
	p->full = p->busy + 1 >= (unsigned int)p->window;
}

static void narrow(struct ohc_pace *p, double now, double entered)
{
	if (p->met && entered < p->cut)
		return;
	p->window = larger(smaller(p->window, p->busy + 1) / 2, OHC_PACE_WINDOW_MIN);
	p->met = true;
	p->cut = now;
}

/* ---- how fast ---- */

static void begin_stretch(struct ohc_pace *p, double now)
{
	p->since = now;
	p->good = p->refused = 0;
	p->steps = 0;
	p->bound = false;
	p->grow = now + BLOCK * (double)(1u << p->confirmed);
}

static void raise_rate(struct ohc_pace *p, double now)
{
	if (p->rate <= 0 || now < p->grow)
		return;
	p->grow = now + BLOCK;
	if (p->bound)
		p->rate *= 1 + STEP * ++p->steps;
	p->bound = false;
}

/* As many refusals as before the pace was lowered. */
static bool no_better(const struct ohc_pace *p, double share)
{
	return p->rate > 0 && p->share > p->usual + MANY && share > 0.6 * p->share;
}

/* From one refusal to this one: what the host let through is what it allows, until `open`, when it
 * takes requests again. */
static void measure(struct ohc_pace *p, double open)
{
	double share = (double)p->refused / (double)(p->good + p->refused);
	double seen = BELOW_SEEN * (double)p->good / larger(open - p->since, 1);
	bool many = share > p->usual + MANY;

	if (many && no_better(p, share)) {
		p->in_vain++;
	} else {
		p->in_vain = 0;
		p->before = p->rate;
	}
	p->confirmed = p->rate > 0 && seen > 0.85 * p->rate && p->confirmed < HOLD_MAX
			       ? p->confirmed + 1
			       : 0;
	if (p->in_vain >= 2) {
		p->usual = share;
		p->share = 0;
		p->rate = p->before;
		p->in_vain = 0;
	} else if (many || p->usual == 0) {
		p->share = share;
		p->rate = many || p->rate > NEAR * seen ? seen : larger(seen, BELOW_MET * p->rate);
	}
	begin_stretch(p, open);
}

/* ---- until when not ---- */

static void close_for(struct ohc_pace *p, double now, double ms)
{
	p->closed = larger(p->closed, now + ms);
	p->ajar = true;
	p->probing = 0;
}

/* Closes it for a time that doubles. */
static void close_longer(struct ohc_pace *p, double now)
{
	double wait = FIRST_CLOSED * (double)(1u << (p->closings < 10 ? p->closings : 10));

	close_for(p, now, smaller(wait, LAST_CLOSED));
	p->closings++;
}

/* Nobody waits for a host that was never there, nor for one that is away for too long. */
static void miss(struct ohc_pace *p, double now, const struct ohc_pace_answer *a)
{
	narrow(p, now, a->entered);
	if (!p->known)
		return;
	if (!p->away) {
		p->away = true;
		p->silence = now;
		p->closings = 0;
	}
	if (ohc_pace_is_hopeless(p, now))
		p->ajar = false;
	else if (a->entered >= p->closed)
		close_longer(p, now);
}

static void refuse(struct ohc_pace *p, double now, const struct ohc_pace_answer *a)
{
	bool late = a->entered < p->closed; /* it went before we knew */

	narrow(p, now, a->entered);
	p->known = true;
	p->away = false;
	if (p->silence == 0)
		p->silence = now;
	if (a->asked > OHC_PATIENCE_MS) {
		p->silence = now - 2 * SILENCE_MAX;
	} else if (a->asked > 0) {
		close_for(p, now, a->asked);
		p->silence = p->closed;
	}
	if (late)
		return;
	p->refused++;
	p->row++;
	if (p->good >= ENOUGH)
		measure(p, larger(now, p->closed));
	if (a->asked < 0 && p->row >= ROW)
		close_longer(p, now);
}

static void accept(struct ohc_pace *p, double now)
{
	p->good++;
	p->known = true;
	p->away = false;
	p->row = p->closings = 0;
	p->ajar = false;
	p->probing = p->silence = 0;
	widen(p);
	raise_rate(p, now);
}

static void hear_quota(struct ohc_pace *p, double now, const struct ohc_quota *q, bool good)
{
	double left = (double)q->remaining - p->busy, whole = now + 1000 * (double)q->reset;
	bool same = whole < p->whole + 1500;

	if (q->limit < 0 && q->remaining < 0)
		return;
	p->quota = *q;
	if (q->pulls || q->remaining < 0 || q->reset < 0)
		return;
	if (good && !same)
		p->lies = q->remaining == 0 && q->limit != 1 ? p->lies + 1 : 0;
	p->left = same ? smaller(p->left, left) : left;
	p->whole = same && p->whole > whole ? p->whole : whole;
}

void ohc_pace_leave(struct ohc_pace *p, double now, const struct ohc_pace_answer *a)
{
	if (!a->bulk)
		p->busy--;
	if (a->quota)
		hear_quota(p, now, a->quota, a->kind == OHC_PACE_GOOD);
	switch (a->kind) {
	case OHC_PACE_GOOD:
		accept(p, now);
		break;
	case OHC_PACE_REFUSED:
		refuse(p, now, a);
		break;
	case OHC_PACE_TROUBLE:
		narrow(p, now, a->entered);
		if (a->asked > 0 && a->asked <= OHC_PATIENCE_MS)
			close_for(p, now, a->asked);
		break;
	case OHC_PACE_AWAY:
		miss(p, now, a);
		break;
	case OHC_PACE_UNKNOWN:
		break;
	}
}

const char *ohc_pace_reason(const struct ohc_pace *p, double now)
{
	if (p->closed > now && p->away)
		return "it cannot be reached any more";
	if (p->closed > now)
		return "it refuses requests, or asks for that";
	if (has_quota(p, now) && p->left < 1)
		return "the requests that it allows are used up";
	return p->given > 0 ? "its rate was set so" : "of its limit, as far as that showed";
}

bool ohc_pace_is_hopeless(const struct ohc_pace *p, double now)
{
	return p->silence != 0 && now - p->silence > (p->away ? AWAY_MAX : SILENCE_MAX);
}
