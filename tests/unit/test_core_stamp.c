// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/stamp.h"

#define NOW 1000000

static bool is_settled(time_t mtime, time_t ctime)
{
	const struct ohc_stamp s = { .mtime = { mtime, 0 }, .ctime = { ctime, 0 } };

	return ohc_stamp_is_settled(&s, NOW);
}

static void test_settled(void **state)
{
	(void)state;
	assert_true(is_settled(NOW - 3, NOW - 3));
	assert_false(is_settled(NOW - 100, NOW - 2));
	assert_false(is_settled(NOW - 100, NOW));
	/* An mtime is what somebody sets it to. */
	assert_true(is_settled(NOW, NOW - 3));
	assert_true(is_settled(NOW * 2, NOW - 3));
	/* A file server's clock is a bit ahead, or ours was set back. */
	assert_false(is_settled(NOW - 100, NOW + 60));
	assert_true(is_settled(NOW - 100, NOW * 2));
}

static void test_same(void **state)
{
	const struct ohc_stamp a = { 1, 2, 0100644, 4, { 5, 6 }, { 7, 8 } };
	const struct ohc_stamp others[] = {
		{ 9, 2, 0100644, 4, { 5, 6 }, { 7, 8 } }, { 1, 9, 0100644, 4, { 5, 6 }, { 7, 8 } },
		{ 1, 2, 0100600, 4, { 5, 6 }, { 7, 8 } }, { 1, 2, 0100644, 9, { 5, 6 }, { 7, 8 } },
		{ 1, 2, 0100644, 4, { 9, 6 }, { 7, 8 } }, { 1, 2, 0100644, 4, { 5, 9 }, { 7, 8 } },
		{ 1, 2, 0100644, 4, { 5, 6 }, { 9, 8 } }, { 1, 2, 0100644, 4, { 5, 6 }, { 7, 9 } },
	};

	(void)state;
	assert_true(ohc_stamp_same(&a, &a));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(ohc_stamp_same(&a, &others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settled),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
