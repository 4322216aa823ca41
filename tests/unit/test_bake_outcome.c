// SPDX-License-Identifier: Apache-2.0
/* Failures of a bake: each is counted under its reason. */
#include "unit.h"

#include "compose/bake/outcome.h"
#include "core/alloc.h"
#include "core/clock.h"

static void expect_reason(const char *message, const char *want)
{
	ohc_cleanup(ohc_freep) char *reason = ohc_bake_reason(message);

	assert_string_equal(reason, want);
}

static void test_reason(void **state)
{
	(void)state;
	expect_reason("", "");
	expect_reason("push to 'a:1': HTTP 429, 17 of 20", "push to '…': HTTP 0, 0 of 0");
	expect_reason("1.5 s at 10.0.0.1", "0 s at 0");
	expect_reason("it's 5", "it's 0");
	expect_reason("config sha256:1a2cc2f736d7: cannot reach 'a'",
		      "config sha:0: cannot reach '…'");
	expect_reason("config sha256:abcdefabcdef: cannot reach 'b'",
		      "config sha:0: cannot reach '…'");
	expect_reason("sha256:ab is none", "sha0:ab is none");
}

static void failed(struct ohc_bake_outcome *o, const char *base, const char *message)
{
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = ohc_error_set(&err, OHC_E_FAILED, "%s", message);

	o->base = base;
	ohc_bake_outcome_failed(o, rc, &err);
}

/* Of those that differ in names and numbers the first is told, and where the others are. */
static void test_failures_of_one_reason(void **state)
{
	struct ohc_bake_outcome v[7] = { { .base = NULL } };
	ohc_cleanup(ohc_strv_clear) struct ohc_strv told = OHC_STRV_INIT;

	(void)state;
	failed(&v[0], "a", "no room");
	failed(&v[1], "b", "'b:1': 17 of 20");
	failed(&v[2], "c", "'c:1': 3 of 20");
	v[3].state = OHC_BAKE_DONE;
	failed(&v[4], "d", "'d:1': 0 of 20");
	failed(&v[5], "e", "'e:1': 100 of 20");
	failed(&v[6], "f", "'f:1': 1 of 20");
	ohc_bake_reasons(v, OHC_ARRAY_SIZE(v), &told);
	assert_int_equal(told.n, 2);
	assert_string_equal(told.v[0], "5 × 'b:1': 17 of 20 (also 'c', 'd' and 2 more)");
	assert_string_equal(told.v[1], "1 × no room");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(v); i++)
		ohc_bake_outcome_clear(&v[i]);
}

/* One that could not be read to be composed again has no base, and goes by its name. */
static void test_failures_without_a_base(void **state)
{
	struct ohc_bake_outcome v[2] = { { .name = "r/a:1" }, { .name = "r/b:1" } };
	ohc_cleanup(ohc_strv_clear) struct ohc_strv told = OHC_STRV_INIT;

	(void)state;
	failed(&v[0], "", "upgrade 'r/a:1': gone");
	failed(&v[1], "", "upgrade 'r/b:1': gone");
	ohc_bake_reasons(v, OHC_ARRAY_SIZE(v), &told);
	assert_int_equal(told.n, 1);
	assert_string_equal(told.v[0], "2 × upgrade 'r/a:1': gone (also 'r/b:1')");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(v); i++)
		ohc_bake_outcome_clear(&v[i]);
}

/* Each of a list's images may fail for a reason of its own: as many comparisons as pairs of them
 * would take a minute. */
static void test_many_reasons(void **state)
{
	const size_t n = 26 * 26 * 26 * 4;
	struct ohc_bake_outcome *v = ohc_xcalloc(n, sizeof(*v));
	ohc_cleanup(ohc_strv_clear) struct ohc_strv told = OHC_STRV_INIT;
	double began;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		ohc_cleanup(ohc_freep) char *why =
			ohc_xasprintf("the registry says: no room for %c%c%c%c",
				      'a' + (int)(i % 26), 'a' + (int)(i / 26 % 26),
				      'a' + (int)(i / 676 % 26), 'a' + (int)(i / 17576));

		failed(&v[i], "a", why);
	}
	began = ohc_clock_seconds();
	ohc_bake_reasons(v, n, &told);
	assert_true(ohc_clock_seconds() - began < 5);
	assert_int_equal(told.n, n);
	assert_string_equal(told.v[0], "1 × the registry says: no room for aaaa");
	for (size_t i = 0; i < n; i++)
		ohc_bake_outcome_clear(&v[i]);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reason),
		cmocka_unit_test(test_failures_of_one_reason),
		cmocka_unit_test(test_failures_without_a_base),
		cmocka_unit_test(test_many_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
