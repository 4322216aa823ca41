// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "compose/image/inputs.h"
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
		ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { NULL };

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

static void test_owners(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t uid, gid;
	} cases[] = {
		{ "1000:1001", true, 1000, 1001 },
		{ "7", true, 7, 7 },
		{ "0:0", true, 0, 0 },
		{ "4294967294:1", true, 4294967294u, 1 },
		{ "4294967295:1", false, 0, 0 },
		{ "a:1", false, 0, 0 },
		{ "1:", false, 0, 0 },
		{ "1:2:3", false, 0, 0 },
		{ "-1:2", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "1 :2", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		uint32_t uid = 0, gid = 0;

		assert_int_equal(ohc_owner_parse(cases[i].text, &uid, &gid), cases[i].ok);
		assert_int_equal(uid, cases[i].uid);
		assert_int_equal(gid, cases[i].gid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
