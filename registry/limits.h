/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps what hosts allow, for all who ask them together: one struct for all clients of a run.
 * Every request passes here, by the host that it really goes to, redirects and token servers too.
 * registry/pace.h decides; here it is waited, in order, the first who came first.  Hosts do not
 * wait for one another.
 *
 *	limits = ohc_limits_new();
 *	rc = ohc_limits_set(limits, "ghcr.io=1800/m", err);	--rate; without HOST= for all hosts
 *
 *	rc = ohc_limits_enter(limits, "ghcr.io", false, report, &pass, err);	may wait
 *	... the request ...
 *	ohc_limits_leave(&pass, &answer);
 *
 *	n = ohc_limits_look(limits, views, max);		for who shows them
 *
 * Everything may be called from any thread.
 */
#ifndef OHC_REGISTRY_LIMITS_H
#define OHC_REGISTRY_LIMITS_H

#include <stddef.h>

#include "core/error.h"
#include "core/report.h"
#include "core/strv.h"
#include "registry/pace.h"

struct ohc_limits;
struct ohc_limits_host;

/* A request under way; zero: none is. */
struct ohc_limits_pass {
	struct ohc_limits_host *host;
	bool bulk;
	double entered;
};

struct ohc_limits *ohc_limits_new(void);
void ohc_limits_free(struct ohc_limits *l);

/* "[HOST=]N/s", "/m", "/h" or "/d": OHC_E_USAGE when it is not.  Before the first request. */
int ohc_limits_set(struct ohc_limits *l, const char *text, struct ohc_error *err);

/* Whether that is such a rate. */
int ohc_limits_check(const char *text, struct ohc_error *err);

/* Waits until the request may go; authority is "host[:port]".  bulk: its body is so long that it
 * does not count among those that a host has at a time.  A long wait is told, once for all who
 * wait.  OHC_E_INTERRUPTED. */
int ohc_limits_enter(struct ohc_limits *l, const char *authority, bool bulk,
		     struct ohc_report *report, struct ohc_limits_pass *ret, struct ohc_error *err);

/* The same for what does not wait (tidying up). */
void ohc_limits_enter_now(struct ohc_limits *l, const char *authority, struct ohc_limits_pass *ret);

/* a's kind, asked and quota count.  A pass that was left is zero, and leaving that does nothing. */
void ohc_limits_leave(struct ohc_limits_pass *pass, const struct ohc_pace_answer *a);

/* The host has let nothing through for so long that another try is one too many. */
bool ohc_limits_is_hopeless(struct ohc_limits *l, const char *authority);

/* The host has answered, and cannot be reached any more. */
bool ohc_limits_is_away(struct ohc_limits *l, const char *authority);

/* A host that was asked. */
struct ohc_limits_view {
	char host[256];
	uint64_t requests, refused;
	unsigned int busy, window;
	double a_minute;        /* requests that are allowed; 0: no limit is known */
	double closed;          /* seconds for which nobody may go */
	struct ohc_quota quota; /* what it said last */
};

/* One of them, by the host of its images' names; false: it was not asked, and no rate was set. */
bool ohc_limits_find(struct ohc_limits *l, const char *host, struct ohc_limits_view *ret);

/* How many there are; `max` of them in v, in the order of their names; v may be NULL where max is
 * 0. */
size_t ohc_limits_look(struct ohc_limits *l, struct ohc_limits_view *v, size_t max);

/* The hosts that were named with a rate, as they were, and have not been asked yet. */
void ohc_limits_unasked(struct ohc_limits *l, struct ohc_strv *ret);

#endif
