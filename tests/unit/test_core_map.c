// SPDX-License-Identifier: Apache-2.0
/* core/map.h: what was put last is found, and what was removed is not. */
#include "unit.h"

#include <stdio.h>

#include "core/map.h"

static void test_few(void **state)
{
	struct ohc_map *map = ohc_map_new();
	size_t v = 7;

	(void)state;
	assert_false(ohc_map_get(map, "a", &v));
	assert_int_equal(v, 7);
	ohc_map_put(map, "a", 1);
	ohc_map_put(map, "", 2);
	ohc_map_put(map, "ab", 3);
	ohc_map_put(map, "a", 4);
	assert_true(ohc_map_get(map, "a", &v));
	assert_int_equal(v, 4);
	assert_true(ohc_map_get(map, "", &v));
	assert_int_equal(v, 2);
	ohc_map_remove(map, "a");
	ohc_map_remove(map, "none");
	assert_false(ohc_map_get(map, "a", &v));
	assert_true(ohc_map_get(map, "ab", &v));
	assert_int_equal(v, 3);
	assert_true(ohc_map_add(map, "a", 5, &v));
	assert_int_equal(v, 3);
	assert_false(ohc_map_add(map, "a", 6, &v));
	assert_int_equal(v, 5);
	assert_true(ohc_map_get(map, "a", &v));
	assert_int_equal(v, 5);
	ohc_map_free(map);
	ohc_map_free(NULL);
}

static void test_many(void **state)
{
	struct ohc_map *map = ohc_map_new();
	char key[16];
	size_t v;

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%zu", i * 7919 % 5000);
		ohc_map_put(map, key, i);
	}
	for (size_t i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%zu", i * 7919 % 5000);
		assert_true(ohc_map_get(map, key, &v));
		assert_int_equal(v, i);
		if (i % 2)
			ohc_map_remove(map, key);
		assert_int_equal(ohc_map_get(map, key, &v), i % 2 == 0);
	}
	ohc_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
