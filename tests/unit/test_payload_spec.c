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
		{ "https://h/x", "https://h/x", NULL },
		{ "/abs/dir", "/abs/dir", NULL },
		/* A transport's colon begins no target. */
		{ "oci:/abs/dir", "oci:/abs/dir", NULL },
		{ "oci:/abs/dir:tag", "oci:/abs/dir:tag", NULL },
		{ "oci:/abs/dir:/t", "oci:/abs/dir", "/t" },
		{ "oci:/abs/dir:tag:/t", "oci:/abs/dir:tag", "/t" },
		{ "oci:dir:/t", "oci:dir", "/t" },
		{ "oci-archive:/abs/x.tar", "oci-archive:/abs/x.tar", NULL },
		{ "oci-archive:/abs/x.tar:tag:/t", "oci-archive:/abs/x.tar:tag", "/t" },
		{ "docker-archive:/abs/x.tar:r:t", "docker-archive:/abs/x.tar:r:t", NULL },
		{ "linux/amd64=oci:/abs/dir:tag", "oci:/abs/dir:tag", NULL },
		{ "docker://localhost:5000/r:t:/x", "docker://localhost:5000/r:t", "/x" },
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
		{ "", "names no directory" },    { "oci:", "names no directory" },
		{ ":/x", "names no directory" }, { "d:/..", "'..'" },
		{ "d:/a/../b", "'..'" },         { "d:/.", "must not be '/'" },
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
