// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <strings.h>

#include "core/alloc.h"
#include "registry/quota.h"

#define NOW 1700000000

/* Up to four headers, and what they mean. */
static const struct row {
	const char *headers[8]; /* name, value, … */
	struct ohc_quota want;
} rows[] = {
	{ { NULL }, { -1, -1, -1, -1, false } },
	/* draft-ietf-httpapi-ratelimit-headers, up to -06 */
	{ { "RateLimit-Limit", "100", "RateLimit-Remaining", "50", "RateLimit-Reset", "30" },
	  { 100, 50, 30, -1, false } },
	{ { "ratelimit-limit", "100, 100;w=60", "ratelimit-remaining", "0", "ratelimit-reset",
	    "7" },
	  { 100, 0, 7, 60, false } },
	/* -07 */
	{ { "RateLimit", "limit=100, remaining=50, reset=30", "RateLimit-Policy", "100;w=60" },
	  { 100, 50, 30, 60, false } },
	{ { "RateLimit", "remaining=9,reset=1" }, { -1, 9, 1, -1, false } },
	/* -08 and later; of several the least */
	{ { "RateLimit", "\"default\";r=50;t=30", "RateLimit-Policy", "\"default\";q=100;w=60" },
	  { 100, 50, 30, 60, false } },
	{ { "RateLimit", "\"day\";r=5000;t=9000, \"burst\";r=3;t=2" }, { -1, 3, 2, -1, false } },
	{ { "RateLimit", "\"burst\"; r=3; t=2, \"day\";r=5000;t=9000" }, { -1, 3, 2, -1, false } },
	{ { "RateLimit", "\"x\";r=3" }, { -1, 3, -1, -1, false } },
	/* before there was a draft: a duration or a time */
	{ { "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "56", "X-RateLimit-Reset",
	    "1700000090" },
	  { 60, 56, 90, -1, false } },
	{ { "X-RateLimit-Remaining", "56", "X-RateLimit-Reset", "1600000000" },
	  { -1, 56, 0, -1, false } },
	{ { "X-RateLimit-Remaining", "56", "X-RateLimit-Reset", "12" }, { -1, 56, 12, -1, false } },
	{ { "X-RateLimit-Remaining", "1", "RateLimit-Remaining", "2" }, { -1, 2, -1, -1, false } },
	/* Docker Hub */
	{ { "ratelimit-limit", "100;w=21600", "ratelimit-remaining", "76;w=21600",
	    "docker-ratelimit-source", "192.0.2.1" },
	  { 100, 76, -1, 21600, true } },
	/* nothing that can be read */
	{ { "RateLimit", "soon", "RateLimit-Limit", "many", "RateLimit-Reset", "-5" },
	  { -1, -1, -1, -1, false } },
	{ { "RateLimit", "r=", "RateLimit-Policy", ";w=;q" }, { -1, -1, -1, -1, false } },
	{ { "RateLimit-Remaining", "99999999999999999999" }, { -1, INT64_MAX, -1, -1, false } },
};

static const char *header(const void *ctx, const char *name)
{
	const char *const *h = ctx;

	for (size_t i = 0; i < 8 && h[i]; i += 2)
		if (strcasecmp(h[i], name) == 0)
			return h[i + 1];
	return NULL;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		const struct ohc_quota *w = &rows[i].want;
		struct ohc_quota q;

		ohc_quota_read(header, rows[i].headers, NOW, &q);
		if (q.limit != w->limit || q.remaining != w->remaining || q.reset != w->reset ||
		    q.window != w->window || q.pulls != w->pulls)
			fail_msg("row %zu: limit %lld, remaining %lld, reset %lld, window %lld, "
				 "pulls %d",
				 i, (long long)q.limit, (long long)q.remaining, (long long)q.reset,
				 (long long)q.window, q.pulls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
