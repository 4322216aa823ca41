// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "compose/bake/queue.h"
#include "core/alloc.h"

static void expect_next(struct ohc_bake_queue *q, size_t i)
{
	assert_int_equal(ohc_bake_queue_take(q), i);
}

static struct ohc_bake_queue *queue_of(const char *const *bases)
{
	struct ohc_bake_queue *q = ohc_bake_queue_new();

	for (; *bases; bases++)
		ohc_bake_queue_add(q, *bases);
	return q;
}

static void test_in_order(void **state)
{
	static const char *const bases[] = { "a", "a:1", "a:2", NULL };
	struct ohc_bake_queue *q = queue_of(bases);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		expect_next(q, i);
	ohc_bake_queue_free(q);
}

/* Hosts, and then their repositories, get their turns; who is done has his turn again. */
static void test_turns(void **state)
{
	static const char *const bases[] = {
		"r.io/a:1", "r.io/a:2", "r.io/a:3",  "r.io/b:1",  "s.io/a:1",
		"s.io/a:2", "s.io/a:3", "oci:dir:a", "oci:dir:a", NULL,
	};
	struct ohc_bake_queue *q = queue_of(bases);

	(void)state;
	expect_next(q, 0);
	expect_next(q, 4);
	expect_next(q, 7);
	expect_next(q, 3);
	expect_next(q, 5);
	ohc_bake_queue_done(q, 4);
	ohc_bake_queue_done(q, 5);
	expect_next(q, 6);
	expect_next(q, 8);
	expect_next(q, 1);
	expect_next(q, 2);
	ohc_bake_queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
