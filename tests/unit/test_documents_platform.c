// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "oci/documents/platform.h"

static struct ohc_platform of(const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_platform p;

	assert_ok(ohc_platform_parse(text, &p, &err), &err);
	return p;
}

static void test_parse(void **state)
{
	static const struct {
		const char *text, *normal;
	} rows[] = {
		{ "linux/amd64", "linux/amd64" },
		{ "linux/x86_64", "linux/amd64" },
		{ "linux/amd64/v1", "linux/amd64" },
		{ "linux/amd64/v3", "linux/amd64/v3" },
		{ "linux/aarch64", "linux/arm64" },
		{ "linux/arm64/v8", "linux/arm64" },
		{ "linux/arm64/8", "linux/arm64" },
		{ "linux/arm64/v9", "linux/arm64/v9" },
		{ "linux/armhf", "linux/arm/v7" },
		{ "linux/armel", "linux/arm/v6" },
		{ "linux/arm", "linux/arm" },
		{ "linux/i686", "linux/386" },
		{ "linux/loongarch64", "linux/loong64" },
		{ "windows/amd64", "windows/amd64" },
	};
	char text[OHC_PLATFORM_TEXT];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_platform p = of(rows[i].text);

		assert_string_equal(ohc_platform_text(&p, text), rows[i].normal);
	}
}

static void test_bad(void **state)
{
	static const char *const rows[] = {
		"",           "linux",     "linux/",
		"/amd64",     "linux//v7", "linux/arm/v7/x",
		"linux/arm/", "a b/c",     "linux/0123456789012345678901234567890123456789",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_platform p = { .os = "kept" };

		assert_fails(ohc_platform_parse(rows[i], &p, &err), OHC_E_USAGE, &err,
			     "malformed platform");
		assert_string_equal(p.os, "kept");
	}
}

static void test_set(void **state)
{
	struct ohc_platform p;
	char text[OHC_PLATFORM_TEXT];

	(void)state;
	ohc_platform_set(&p, NULL, NULL, NULL);
	assert_string_equal(p.os, "");
	assert_string_equal(p.variant, "");
	ohc_platform_set(&p, "linux", "0123456789012345678901234567890123456789", NULL);
	assert_string_equal(p.arch, "");
	ohc_platform_host(&p);
	assert_string_equal(p.os, "linux");
	assert_true(ohc_platform_match(&p, &p));
	assert_non_null(strchr(ohc_platform_text(&p, text), '/'));
}

/* Each row: what is wanted, then what does for it, the best first; then what does not. */
static void test_rank(void **state)
{
	static const struct {
		const char *want;
		const char *does[6];
		const char *not_[6];
	} rows[] = {
		{ "linux/amd64",
		  { "linux/amd64", "linux/amd64/v2", "linux/amd64/v3" },
		  { "linux/386", "windows/amd64", "linux/arm64" } },
		{ "linux/amd64/v3",
		  { "linux/amd64/v3", "linux/amd64/v2", "linux/amd64" },
		  { "linux/amd64/v4", "linux/amd64/x" } },
		{ "linux/arm",
		  { "linux/arm", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5", "linux/arm/v8" },
		  { "linux/arm64" } },
		{ "linux/arm/v6",
		  { "linux/arm/v6", "linux/arm/v5" },
		  { "linux/arm/v7", "linux/arm" } },
		{ "linux/arm64",
		  { "linux/arm64", "linux/arm64/v8.1", "linux/arm64/v9" },
		  { NULL } },
		{ "linux/arm64/v9",
		  { "linux/arm64/v9", "linux/arm64/v8.2", "linux/arm64" },
		  { NULL } },
		{ "linux/ppc64le", { "linux/ppc64le", "linux/ppc64le/power9" }, { NULL } },
		{ "linux/ppc64le/power9",
		  { "linux/ppc64le/power9" },
		  { "linux/ppc64le", "linux/ppc64le/power8" } },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_platform want = of(rows[i].want), have;
		int last = 1 << 30;

		for (size_t j = 0; j < 6 && rows[i].does[j]; j++) {
			have = of(rows[i].does[j]);
			assert_in_range(ohc_platform_rank(&want, &have), 1, last - 1);
			assert_true(ohc_platform_match(&want, &have));
			last = ohc_platform_rank(&want, &have);
		}
		for (size_t j = 0; j < 6 && rows[i].not_[j]; j++) {
			have = of(rows[i].not_[j]);
			assert_int_equal(ohc_platform_rank(&want, &have), 0);
			assert_false(ohc_platform_match(&want, &have));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
