/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many requests a host gets at a time, and how fast: decisions alone, without a clock, a lock
 * or a network, so that whole runs against all kinds of limits can be played through in a moment
 * (tests/unit/test_registry_pace.c).  registry/limits.h waits as it is told here.
 *
 *	ohc_pace_init(&pace, given, now);
 *	while ((wait = ohc_pace_enter(&pace, now, bulk)) > 0)
 *		... wait so long, or until another request has ended ...
 *	... the request ...
 *	ohc_pace_leave(&pace, now, &answer);
 *
 * How many at a time: AIMD, as TCP has it.  A few at first; one more with each answer until the
 * first trouble, then one more with each full round; half as many after a refusal, a 5xx or a
 * broken connection, once for all that were under way then.  A transfer of many bytes (bulk) is
 * not counted: it ends when it ends, and must not keep the small requests from going.
 *
 * How fast: as the user says (--rate), else without a limit until the host refuses (429, or a 403
 * that means it).  From one refusal to the next it has let through n requests in a time t, whether
 * it counts by the minute or fills a bucket: n/t is what it allows.  A little less is asked from
 * then on, and slowly more, so that a limit that was raised, or measured while there was little to
 * do, is found again.  Refusals that are as frequent after the pace was lowered twice do not come
 * of the pace, and it is as before.
 *
 * Until when not at all: a Retry-After, a quota with nothing left and a time when it is whole, and
 * without those a time that doubles with each refusal when nothing gets through.  Then one request
 * goes first, and the others when it has got an answer.  The same of a host that has answered, and
 * is away now: it may be restarting.
 *
 * Times are milliseconds of any clock that only goes forward, rates requests a millisecond.
 */
#ifndef OHC_REGISTRY_PACE_H
#define OHC_REGISTRY_PACE_H

#include <math.h>
#include <stdbool.h>

#include "registry/quota.h"

#define OHC_PACE_WINDOW_MIN   2
#define OHC_PACE_WINDOW_FIRST 8
#define OHC_PACE_WINDOW_MAX   64

/* A host that wants to be left alone for longer is not waited for, and all waits of one request
 * stay below it. */
#define OHC_PATIENCE_MS (10 * 60 * 1000)

enum ohc_pace_kind {
	OHC_PACE_GOOD,    /* an answer, of whatever content */
	OHC_PACE_REFUSED, /* too many requests */
	OHC_PACE_TROUBLE, /* the server is in trouble, or the connection broke */
	OHC_PACE_AWAY,    /* no connection came about to a host that is worth waiting for */
	OHC_PACE_UNKNOWN, /* it ended for a reason of our own */
};

struct ohc_pace_answer {
	enum ohc_pace_kind kind;
	bool bulk;      /* as it entered */
	double entered; /* when */
	double asked;   /* how long the host wants us to wait; below 0: it does not say */
	const struct ohc_quota *quota; /* NULL: nothing was said */
};

struct ohc_pace {
	double given; /* 0: learned */

	double window;
	unsigned int busy; /* requests under way, but bulk */
	bool full;         /* somebody had to wait for the window */
	bool met;          /* trouble was met */
	double cut;        /* when the window was last made smaller */

	double rate; /* learned; 0: none */
	double next; /* no request before */
	bool bound;  /* somebody had to wait for it */
	double grow; /* when it may next be raised */
	unsigned int steps, confirmed;

	/* Since the last refusal that counted: */
	double since;
	unsigned int good, refused;
	unsigned int row; /* refusals with nothing good between */

	/* Whether a lower pace helps: */
	double usual, share, before;
	unsigned int in_vain;

	double closed;  /* nobody before */
	double probing; /* one goes ahead since; 0: none */
	bool ajar;      /* one goes ahead */
	unsigned int closings;
	double silence; /* nothing got through since; 0: something does */
	bool known;     /* it has answered */
	bool away;      /* … and is not there any more */

	struct ohc_quota quota; /* what the host said last */
	double whole;           /* when the quota is whole again; 0: not known */
	double left;            /* requests of it */
	unsigned int lies;      /* times in a row that nothing was left of a new one */
};

void ohc_pace_init(struct ohc_pace *p, double given, double now);

/* 0: the request goes now.  Else how long to wait before asking again; INFINITY: until another one
 * has ended. */
double ohc_pace_enter(struct ohc_pace *p, double now, bool bulk);

/* The request goes in any case, as one that is bulk; the next one waits the longer. */
void ohc_pace_enter_now(struct ohc_pace *p, double now);
void ohc_pace_leave(struct ohc_pace *p, double now, const struct ohc_pace_answer *a);

/* Requests a millisecond that are allowed now; 0: no limit is known. */
double ohc_pace_rate(const struct ohc_pace *p, double now);

/* Why a request has to wait now, for people. */
const char *ohc_pace_reason(const struct ohc_pace *p, double now);

/* Nothing got through for two minutes of which the host did not speak, it was away for five, or the
 * host wants to be left alone for more than OHC_PATIENCE_MS. */
bool ohc_pace_is_hopeless(const struct ohc_pace *p, double now);

#endif
