// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <sched.h>
#include <stdatomic.h>

#include "core/alloc.h"
#include "core/parallel.h"

#define N 200

struct seen {
	atomic_uint runs[N];
	atomic_uint now, most, total;
	size_t fail_at;
};

static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct seen *s = ctx;
	unsigned int now = atomic_fetch_add(&s->now, 1) + 1, most = atomic_load(&s->most);

	while (now > most && !atomic_compare_exchange_weak(&s->most, &most, now))
		;
	atomic_fetch_add(&s->runs[i], 1);
	atomic_fetch_add(&s->total, 1);
	sched_yield();
	atomic_fetch_sub(&s->now, 1);
	if (i >= s->fail_at)
		return ohc_error_set(err, OHC_E_DIGEST, "item %zu", i);
	return 0;
}

static void test_all_once(void **state)
{
	static const size_t jobs[] = { 0, 1, 2, 7, 1000 };

	(void)state;
	for (size_t j = 0; j < OHC_ARRAY_SIZE(jobs); j++) {
		struct seen s = { .fail_at = N };
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_parallel(N, jobs[j], work, &s, &err), &err);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(s.runs[i], 1);
		assert_in_range(s.most, 1, jobs[j] ? jobs[j] : 1);
	}
}

static int in_order(void *ctx, size_t i, struct ohc_error *err)
{
	size_t *next = ctx;

	(void)err;
	assert_int_equal(i, (*next)++);
	return 0;
}

static void test_one_job_is_in_order(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	size_t next = 0;

	(void)state;
	assert_ok(ohc_parallel(N, 1, in_order, &next, &err), &err);
	assert_int_equal(next, N);
}

static void test_nothing(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_parallel(0, 4, work, NULL, &err), &err);
	assert_true(ohc_parallel_processors() >= 1);
	assert_int_equal(ohc_parallel_jobs(1), 1);
	assert_int_equal(ohc_parallel_jobs(SIZE_MAX), ohc_parallel_processors());
}

static void test_failure_stops(void **state)
{
	static const size_t jobs[] = { 1, 4 };

	(void)state;
	for (size_t j = 0; j < OHC_ARRAY_SIZE(jobs); j++) {
		struct seen s = { .fail_at = 10 };
		struct ohc_error err = OHC_ERROR_INIT;
		int rc = ohc_parallel(N, jobs[j], work, &s, &err);

		assert_fails(rc, OHC_E_DIGEST, &err, "item ");
		for (size_t i = 0; i <= 10; i++)
			assert_int_equal(s.runs[i], 1);
		/* Those that were under way end; no other starts. */
		assert_in_range(s.total, 11, 10 + jobs[j]);
	}
}

static void test_no_error_wanted(void **state)
{
	struct seen s = { .fail_at = 0 };

	(void)state;
	assert_int_equal(ohc_parallel(N, 2, work, &s, NULL), -OHC_E_DIGEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_once),        cmocka_unit_test(test_one_job_is_in_order),
		cmocka_unit_test(test_nothing),         cmocka_unit_test(test_failure_stops),
		cmocka_unit_test(test_no_error_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
