// SPDX-License-Identifier: Apache-2.0
#include "registry/quota.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A Reset above this is a time, below it a duration (more than thirty years of seconds). */
#define EPOCH_FROM 1000000000

/* A number that begins at p, or -1. */
static int64_t number_at(const char *p)
{
	p += strspn(p, " \t");
	return isdigit((unsigned char)*p) ? strtoll(p, NULL, 10) : -1;
}

/* The number in key=N between p and end, where words are parted by ';' or ','; or -1. */
static int64_t parameter(const char *p, const char *end, const char *key)
{
	size_t n = strlen(key);

	while (p < end) {
		p += strspn(p, ";, \t");
		if (strncasecmp(p, key, n) == 0 && p[n] == '=')
			return p < end ? number_at(p + n + 1) : -1;
		p += strcspn(p, ";,");
	}
	return -1;
}

static int64_t parameter_of(const char *value, const char *key)
{
	return parameter(value, value + strlen(value), key);
}

/* RateLimit-Limit and its kin. */
static void read_three(ohc_quota_header_fn header, const void *ctx, const char *const names[3],
		       struct ohc_quota *q)
{
	const char *limit = header(ctx, names[0]), *left = header(ctx, names[1]);
	const char *reset = header(ctx, names[2]);

	if (limit && q->limit < 0) {
		q->limit = number_at(limit);
		q->window = parameter_of(limit, "w");
	}
	if (left && q->remaining < 0)
		q->remaining = number_at(left);
	if (reset && q->reset < 0)
		q->reset = number_at(reset);
}

/* `"name";r=50;t=30, …`: the one that has the least left. */
static void read_items(const char *p, struct ohc_quota *q)
{
	const char *end = p + strlen(p);

	while (p < end) {
		const char *stop = p + strcspn(p, ",");
		int64_t left = parameter(p, stop, "r");

		if (left >= 0 && (q->remaining < 0 || left < q->remaining)) {
			q->remaining = left;
			q->reset = parameter(p, stop, "t");
		}
		p = stop + (*stop == ',');
	}
}

static void read_combined(const char *value, struct ohc_quota *q)
{
	q->limit = parameter_of(value, "limit");
	q->remaining = parameter_of(value, "remaining");
	q->reset = parameter_of(value, "reset");
	if (q->remaining < 0)
		read_items(value, q);
}

/* `100;w=60`, or `"name";q=100;w=60`; of several the first. */
static void read_policy(const char *value, struct ohc_quota *q)
{
	const char *end = value + strcspn(value, ",");
	int64_t limit = parameter(value, end, "q");

	if (q->limit < 0)
		q->limit = limit >= 0 ? limit : number_at(value);
	if (q->window < 0)
		q->window = parameter(value, end, "w");
}

void ohc_quota_read(ohc_quota_header_fn header, const void *ctx, int64_t now, struct ohc_quota *ret)
{
	static const char *const draft[] = { "RateLimit-Limit", "RateLimit-Remaining",
					     "RateLimit-Reset" };
	static const char *const before[] = { "X-RateLimit-Limit", "X-RateLimit-Remaining",
					      "X-RateLimit-Reset" };
	struct ohc_quota q = { -1, -1, -1, -1, false };
	const char *combined = header(ctx, "RateLimit");
	const char *policy = header(ctx, "RateLimit-Policy");

	if (combined)
		read_combined(combined, &q);
	read_three(header, ctx, draft, &q);
	read_three(header, ctx, before, &q);
	if (policy)
		read_policy(policy, &q);
	if (q.reset >= EPOCH_FROM)
		q.reset = q.reset > now ? q.reset - now : 0;
	q.pulls = header(ctx, "docker-ratelimit-source") != NULL;
	*ret = q;
}
