// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "core/path.h"

static void test_below(void **state)
{
	static const struct {
		const char *path, *dir, *below;
		bool in;
	} rows[] = {
		{ "/a", "/a", NULL, true }, { "/a/b/c", "/a", "b/c", true },
		{ "/a/", "/a", "", true },  { "/ab", "/a", NULL, false },
		{ "/", "/a", NULL, false }, { "/b/a", "/a", NULL, false },
		{ "a/b", "a", "b", true },  { "", "a", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		const char *below = ohc_path_below(rows[i].path, rows[i].dir);

		if (rows[i].below)
			assert_string_equal(below, rows[i].below);
		else
			assert_null(below);
		assert_int_equal(ohc_path_is_in(rows[i].path, rows[i].dir), rows[i].in);
	}
}

static void test_whiteouts(void **state)
{
	(void)state;
	assert_true(ohc_path_has_whiteout(".wh.x"));
	assert_true(ohc_path_has_whiteout("/a/.wh.x"));
	assert_true(ohc_path_has_whiteout("a/.wh./b"));
	assert_false(ohc_path_has_whiteout(""));
	assert_false(ohc_path_has_whiteout("/.wh"));
	assert_false(ohc_path_has_whiteout("a.wh.x/b"));
	assert_false(ohc_path_has_whiteout("a/.what"));
}

static void test_order(void **state)
{
	static const struct {
		const char *path;
		bool is_dir;
	} sorted[] = {
		{ "", false },    { "a", false },    { "a-b", false },  { "a", true },
		{ "a/b", false }, { "a/b", true },   { "a/b/c", true }, { "a0", true },
		{ "ab", false },  { "\303", false }, { "\377", true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(sorted); i++)
		for (size_t k = 0; k < OHC_ARRAY_SIZE(sorted); k++) {
			int c = ohc_path_compare(sorted[i].path, sorted[i].is_dir, sorted[k].path,
						 sorted[k].is_dir);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
}

static void test_name(void **state)
{
	(void)state;
	assert_string_equal(ohc_path_name("/a/b"), "b");
	assert_string_equal(ohc_path_name("b"), "b");
	assert_string_equal(ohc_path_name("a/"), "");
}

static void test_ends_in(void **state)
{
	(void)state;
	assert_true(ohc_path_ends_in("a/b.crt", ".crt"));
	assert_true(ohc_path_ends_in("/package.json", "package.json"));
	assert_false(ohc_path_ends_in(".crt", ".crt"));
	assert_false(ohc_path_ends_in("rt", ".crt"));
	assert_false(ohc_path_ends_in("a.crt/b", ".crt"));
}

static void test_normal(void **state)
{
	static const struct {
		const char *path, *clean;
		bool normal, up;
	} rows[] = {
		{ "/", "/", true, false },
		{ "/a", "/a", true, false },
		{ "/a/b", "/a/b", true, false },
		{ "/a/", "/a", false, false },
		{ "//a", "/a", false, false },
		{ "/a//b", "/a/b", false, false },
		{ "/a/./b", "/a/b", false, false },
		{ "/.", "/", false, false },
		{ "/a/../b", "/a/../b", false, true },
		{ "/a/..", "/a/..", false, true },
		{ "", "", false, false },
		{ ".", "", false, false },
		{ "./a/", "a", false, false },
		{ "a/b", "a/b", false, false },
		{ "..", "..", false, true },
		{ "/..a/.b/c..", "/..a/.b/c..", true, false },
		{ "/...", "/...", true, false },
		{ "a/./..", "a/..", false, true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *clean = ohc_path_clean(rows[i].path);

		assert_string_equal(clean, rows[i].clean);
		assert_int_equal(ohc_path_is_normal(rows[i].path), rows[i].normal);
		assert_int_equal(ohc_path_has_up(rows[i].path), rows[i].up);
	}
	assert_true(ohc_path_is_normal_below("a/b"));
	assert_false(ohc_path_is_normal_below("/a"));
	assert_false(ohc_path_is_normal_below(""));
}

static void test_follow(void **state)
{
	static const struct {
		const char *dir, *target, *to;
	} rows[] = {
		{ "/a/b", "c", "/a/b/c" },  { "/a/b", "../c", "/a/c" },
		{ "/a", "../..", "/" },     { "/a", "../../c/./d/", "/c/d" },
		{ "/a", "/x/../y", "/y" },  { "/", "c", "/c" },
		{ "a/b", "../c", "a/c" },   { "a", "..", "" },
		{ "a", "../..", NULL },     { ".", "c", "c" },
		{ ".", "../c", NULL },      { "a", "/c", "/c" },
		{ "/a/../b", "c", "/b/c" }, { "a/../..", "c", NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *to = ohc_path_follow(rows[i].dir, rows[i].target);

		assert_string_equal(to ? to : "none", rows[i].to ? rows[i].to : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below),     cmocka_unit_test(test_order),
		cmocka_unit_test(test_whiteouts), cmocka_unit_test(test_name),
		cmocka_unit_test(test_ends_in),   cmocka_unit_test(test_normal),
		cmocka_unit_test(test_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
