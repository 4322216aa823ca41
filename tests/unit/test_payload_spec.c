// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "compose/payload/spec.h"
#include "core/alloc.h"

static struct ohc_error err;

static void test_specs(void **state)
{
	static const struct {
		const char *spec, *source, *target;
	} cases[] = {
		{ "dir", "dir", NULL },
		{ "dir:/opt/x", "dir", "/opt/x" },
		{ "dir:/opt//x/./y/", "dir", "/opt/x/y" },
		{ "a:b", "a:b", NULL }, /* a colon in a name */
		{ "a:b:/t", "a:b", "/t" },
		{ "docker://h/r:t", "docker://h/r:t", NULL },
		{ "docker://h/r:t:/x", "docker://h/r:t", "/x" },
		{ "/abs/dir", "/abs/dir", NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { .source =
											     NULL };

		assert_int_equal(ohc_payload_spec_parse(cases[i].spec, &spec, &err), 0);
		assert_string_equal(spec.source, cases[i].source);
		if (cases[i].target)
			assert_string_equal(spec.target, cases[i].target);
		else
			assert_null(spec.target);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *spec, *why;
	} cases[] = {
		{ "", "names no directory" }, { ":/x", "names no directory" }, { "d:/..", "'..'" },
		{ "d:/a/../b", "'..'" },      { "d:/.", "must not be '/'" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct ohc_payload_spec spec = { .source = NULL };

		assert_int_equal(ohc_payload_spec_parse(cases[i].spec, &spec, &err), -OHC_E_USAGE);
		assert_non_null(strstr(err.msg, cases[i].why));
		assert_null(spec.source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
