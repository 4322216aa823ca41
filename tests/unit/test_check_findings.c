// SPDX-License-Identifier: Apache-2.0
/* layout/check/findings.h */
#include "unit.h"

#include "layout/check/findings.h"

static void test_a_list(void **state)
{
	struct ohc_findings list = OHC_FINDINGS_INIT;
	char subject[] = "/workspace";

	(void)state;
	assert_int_equal(ohc_findings_count(&list, OHC_FINDING_ERROR), 0);
	ohc_findings_add(&list, OHC_FINDING_WARNING, "a", subject, "belongs to %u", 5u);
	ohc_findings_add(&list, OHC_FINDING_ERROR, "b", "x", "y");
	subject[0] = 'x';
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].subject, "/workspace");
	assert_string_equal(list.v[0].message, "belongs to 5");
	assert_string_equal(list.v[1].code, "b");
	assert_string_equal(ohc_finding_level_name(list.v[1].level), "error");
	assert_int_equal(ohc_findings_count(&list, OHC_FINDING_ERROR), 1);
	assert_int_equal(ohc_findings_count(&list, OHC_FINDING_OK), 0);
	assert_true(ohc_findings_has(&list, "a", "/workspace", "belongs to 5"));
	assert_true(ohc_findings_has(&list, "b", NULL, NULL));
	assert_false(ohc_findings_has(&list, "c", NULL, NULL));
	assert_false(ohc_findings_has(&list, "b", "/workspace", NULL));
	assert_false(ohc_findings_has(&list, "b", "x", "z"));
	ohc_findings_clear(&list);
	assert_int_equal(list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_list) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
