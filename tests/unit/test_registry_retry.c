// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "registry/retry.h"

#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define GHCR                                                                                \
	"{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"retry-after: 714.289ms, " \
	"allowed: "                                                                         \
	"2000/minute\"}]}"
#define NO -1

/* from, to: the wait in ms lies between them; NO: no further try. */
static const struct row {
	enum ohc_http_fault fault;
	int status;
	const char *retry_after;
	const char *body;
	unsigned int tries;
	uint64_t waited_ms;
	int64_t from, to;
} rows[] = {
	/* what passes, and how the wait grows */
	{ OHC_HTTP_BROKEN, 0, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_BROKEN, 0, NULL, "", 2, 0, 500, 1000 },
	{ OHC_HTTP_BROKEN, 0, NULL, "", 5, 0, 4000, 8000 },
	{ OHC_HTTP_BROKEN, 0, NULL, "", 6, 0, NO, NO },
	{ OHC_HTTP_STALLED, 0, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_SILENT, 0, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_SILENT, 0, NULL, "", 2, 0, NO, NO },
	{ OHC_HTTP_UNREACHABLE, 0, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_UNREACHABLE, 0, NULL, "", 3, 0, 1000, 2000 },
	{ OHC_HTTP_UNREACHABLE, 0, NULL, "", 4, 0, NO, NO },
	{ OHC_HTTP_FINE, 408, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 425, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, NULL, "", 5, 0, 4000, 8000 },
	{ OHC_HTTP_FINE, 429, NULL, "", 20, 0, 15000, 30000 }, /* by time alone */
	{ OHC_HTTP_FINE, 500, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 502, NULL, "", 3, 0, 1000, 2000 },
	{ OHC_HTTP_FINE, 503, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 504, NULL, "", 5, 0, 4000, 8000 },
	{ OHC_HTTP_FINE, 504, NULL, "", 6, 0, NO, NO },
	{ OHC_HTTP_FINE, 520, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 522, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 524, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 530, NULL, "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 599, NULL, "", 1, 0, 250, 500 },
	/* what does not */
	{ OHC_HTTP_FINE, 200, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 400, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 401, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 403, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 404, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 405, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 413, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 416, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 407, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 409, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 411, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 412, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 499, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 501, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 505, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 507, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 508, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 511, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 404, "1", "", 1, 0, NO, NO },
	{ OHC_HTTP_UNTRUSTED, 0, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_NO_TLS, 0, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_MALFORMED, 0, NULL, "", 1, 0, NO, NO },
	{ OHC_HTTP_LOCAL, 0, NULL, "", 1, 0, NO, NO },
	/* Retry-After in both forms */
	{ OHC_HTTP_FINE, 429, "7", "", 1, 0, 7000, 7100 },
	{ OHC_HTTP_FINE, 503, "0", "", 3, 0, 0, 100 },
	{ OHC_HTTP_FINE, 429, "Sun, 06 Nov 1994 08:49:40 GMT", "", 1, 0, 3000, 3100 },
	{ OHC_HTTP_FINE, 429, "Sunday, 06-Nov-94 08:49:40 GMT", "", 1, 0, 3000, 3100 },
	{ OHC_HTTP_FINE, 429, "Sun Nov  6 08:49:40 1994", "", 1, 0, 3000, 3100 },
	{ OHC_HTTP_FINE, 429, "Sun, 06 Nov 1994 08:49:00 GMT", "", 1, 0, 0, 100 }, /* past */
	{ OHC_HTTP_FINE, 429, "soon", "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, "", "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, "-5", "", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, "5 minutes", "", 1, 0, 250, 500 },
	/* more than all waits may be together */
	{ OHC_HTTP_FINE, 429, "599", "", 1, 0, 599000, 599100 },
	{ OHC_HTTP_FINE, 429, "601", "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 429, "9223372036854775807", "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 11m", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 429, "99999999999999999999", "", 1, 0, NO, NO },
	{ OHC_HTTP_FINE, 429, "60", "", 2, 580 * 1000, NO, NO },
	{ OHC_HTTP_FINE, 429, "10", "", 2, 580 * 1000, 10000, 10100 },
	/* GHCR's hint in the body, and its limits that say 403 */
	{ OHC_HTTP_FINE, 429, NULL, GHCR, 1, 0, 714, 814 },
	{ OHC_HTTP_FINE, 429, "2", GHCR, 1, 0, 2000, 2100 },
	{ OHC_HTTP_FINE, 403, NULL, GHCR, 1, 0, 714, 814 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 12.5s", 1, 0, 12500, 12600 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 3", 1, 0, 3000, 3100 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 10.3\xc2\xb5s", 1, 0, 0, 101 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 1m", 1, 0, 60000, 60100 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: 1e300s", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 429, NULL, "retry-after: nan", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 403, NULL, "You have exceeded a secondary rate limit", 1, 0, 250, 500 },
	{ OHC_HTTP_FINE, 403, NULL, "denied: permission_denied", 1, 0, NO, NO },
};

static void test_rows(void **state)
{
	static const uint32_t chances[] = { 0, 1, 99, 250, 4294967295u };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows) * OHC_ARRAY_SIZE(chances); i++) {
		const struct row *r = &rows[i / OHC_ARRAY_SIZE(chances)];
		struct ohc_retry_input in = {
			.fault = r->fault,
			.status = r->status,
			.retry_after = r->retry_after,
			.body = r->body,
			.tries = r->tries,
			.retries = 5,
			.waited_ms = r->waited_ms,
			.now = NOW,
			.random = chances[i % OHC_ARRAY_SIZE(chances)],
		};
		uint64_t ms = 12345;
		bool again = ohc_retry(&in, &ms);

		if (again != (r->from != NO))
			fail_msg("row %zu: again is %d", i / OHC_ARRAY_SIZE(chances), again);
		if (again && ((int64_t)ms < r->from || (int64_t)ms > r->to))
			fail_msg("row %zu: %llu ms", i / OHC_ARRAY_SIZE(chances),
				 (unsigned long long)ms);
	}
}

static void test_no_retries(void **state)
{
	struct ohc_retry_input in = { .status = 503, .body = "", .tries = 1, .retries = 0 };
	uint64_t ms;

	(void)state;
	assert_false(ohc_retry(&in, &ms));
}

/* A host that was there is waited for by time; with --retry 0 nothing is. */
static void test_away(void **state)
{
	struct ohc_retry_input in = {
		.fault = OHC_HTTP_UNREACHABLE, .body = "", .tries = 20, .retries = 1, .away = true
	};
	uint64_t ms;

	(void)state;
	assert_true(ohc_retry(&in, &ms));
	in.waited_ms = OHC_PATIENCE_MS;
	assert_false(ohc_retry(&in, &ms));
	in.waited_ms = 0;
	in.retries = 0;
	assert_false(ohc_retry(&in, &ms));
}

/* However many tries are allowed, a step stays below half a minute. */
static void test_ceiling(void **state)
{
	struct ohc_retry_input in = { .status = 503, .body = "", .retries = 1000, .random = ~0u };
	uint64_t ms;

	(void)state;
	for (in.tries = 1; in.tries < 100; in.tries++) {
		assert_true(ohc_retry(&in, &ms));
		assert_true(ms <= 30000);
	}
}

/* Only what was asked for makes it the same the next time. */
static void test_about_request(void **state)
{
	static const int about[] = { 400, 405, 406, 409, 411, 412, 413, 414, 415, 416, 422, 501 };
	static const int others[] = { 200, 201, 202, 307, 401, 403, 404, 407, 408,
				      425, 429, 500, 502, 503, 504, 507, 520 };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(about); i++)
		assert_true(ohc_retry_is_about_request(about[i]));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		assert_false(ohc_retry_is_about_request(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),          cmocka_unit_test(test_no_retries),
		cmocka_unit_test(test_away),          cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_about_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
