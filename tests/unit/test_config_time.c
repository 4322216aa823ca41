// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "oci/config/config.h"

static void test_text(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 4102444800, "2100-01-01T00:00:00Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
		{ -62167219200, "0000-01-01T00:00:00Z" },
	};
	struct ohc_error err = OHC_ERROR_INIT;
	char text[OHC_TIME_TEXT];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		assert_string_equal(ohc_config_time_text(rows[i].seconds, text), rows[i].text);
		assert_ok(ohc_config_time_parse(text, &back, &err), &err);
		assert_int_equal(back, rows[i].seconds);
	}
	/* RFC 3339 has four digits for the year. */
	assert_string_equal(ohc_config_time_text(INT64_MAX, text), "9999-12-31T23:59:59Z");
	assert_string_equal(ohc_config_time_text(INT64_MIN, text), "0000-01-01T00:00:00Z");
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{ "1970-01-01T00:00:01.5Z", 1 },
		{ "1970-01-01t00:00:01z", 1 },
		{ "1970-01-01 00:00:01Z", 1 },
		{ "2024-05-06T07:08:09.123456789+02:00", 1714972089 },
		{ "1970-01-01T00:00:00-00:30", 1800 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
	};
	struct ohc_error err = OHC_ERROR_INIT;
	int64_t got;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		assert_ok(ohc_config_time_parse(rows[i].text, &got, &err), &err);
		assert_int_equal(got, rows[i].seconds);
	}
}

static void test_bad(void **state)
{
	static const char *const rows[] = {
		"",
		"now",
		"1970",
		"1970-01-01",
		"1970-01-01T00:00:00",
		"1970-01-01T00:00Z",
		"1970-1-1T00:00:00Z",
		"1970-13-01T00:00:00Z",
		"1970-00-01T00:00:00Z",
		"1970-02-30T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"1970-01-01T24:00:00Z",
		"1970-01-01T00:60:00Z",
		"1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00+1",
		"1970-01-01T00:00:00+24:00",
		"1970-01-01T00:00:00+01:00x",
		"1970-01-01T00:00:00Zx",
		"-970-01-01T00:00:00Z",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		int64_t got = 42;

		assert_fails(ohc_config_time_parse(rows[i], &got, &err), OHC_E_USAGE, &err,
			     "malformed time");
		assert_int_equal(got, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
