// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/base64.h"

static void test_both_ways(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *text;
	} rows[] = {
		{ "", 0, "" },
		{ "f", 1, "Zg==" },
		{ "fo", 2, "Zm8=" },
		{ "foo", 3, "Zm9v" },
		{ "foobar", 6, "Zm9vYmFy" },
		{ "\0\xff\xfe\0", 4, "AP/+AA==" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *text = ohc_base64_encode(rows[i].bytes, rows[i].n), *bytes;
		size_t n = 77;

		assert_string_equal(text, rows[i].text);
		bytes = ohc_base64_decode(text, &n);
		assert_int_equal(n, rows[i].n);
		assert_memory_equal(bytes, rows[i].bytes, n + 1);
		free(bytes);
		free(text);
	}
}

static void test_lenient(void **state)
{
	static const char *const rows[] = { "Zm8", "Zm8=", "Zm8==", "Z\nm\r\n8=\n" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *bytes = ohc_base64_decode(rows[i], NULL);

		assert_string_equal(bytes, "fo");
		free(bytes);
	}
}

static void test_bad(void **state)
{
	static const char *const rows[] = { "Zm 8=", "Zm-_",  "Zm8=x", "\xff", "*",
					    " Zm8=", "Zm8= ", "Zm8-",  "Zm8 ", "Zm9v-" };
	size_t n = 77;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++)
		assert_null(ohc_base64_decode(rows[i], &n));
	assert_int_equal(n, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lenient),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
