// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/sheets.h"

static void test_bytes_stay_where_they_were_put(void **state)
{
	struct ohc_sheets sheets = OHC_SHEETS_INIT;
	const void *kept[300];
	char some[30000];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(kept); i++) {
		memset(some, (int)i, sizeof(some));
		kept[i] = ohc_sheets_add(&sheets, some, sizeof(some));
	}
	assert_true(sheets.n > 2);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(kept); i++) {
		memset(some, (int)i, sizeof(some));
		assert_memory_equal(kept[i], some, sizeof(some));
	}
	ohc_sheets_clear(&sheets);
	assert_int_equal(sheets.n, 0);
}

static void test_more_than_a_sheet_has_one_of_its_own(void **state)
{
	const size_t n = OHC_SHEET_SIZE + 1;
	ohc_cleanup(ohc_freep) char *large = ohc_xcalloc(1, n);
	struct ohc_sheets sheets = OHC_SHEETS_INIT;
	const char *before, *kept, *after;

	(void)state;
	large[n - 1] = 'z';
	before = ohc_sheets_add(&sheets, "a", 1);
	kept = ohc_sheets_add(&sheets, large, n);
	after = ohc_sheets_add(&sheets, "b", 1);
	assert_int_equal(sheets.n, 3);
	assert_int_equal(*before, 'a');
	assert_int_equal(kept[n - 1], 'z');
	assert_int_equal(*after, 'b');
	ohc_sheets_clear(&sheets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_stay_where_they_were_put),
		cmocka_unit_test(test_more_than_a_sheet_has_one_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
