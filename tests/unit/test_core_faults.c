// SPDX-License-Identifier: Apache-2.0
/* core/faults.h: what is kept, what ends a run at once, and what is said of many. */
#include "unit.h"

#include "core/buf.h"
#include "core/faults.h"

static struct ohc_buf heard;

static void hear(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r;
	assert_int_equal(level, OHC_WARNING);
	ohc_buf_addf(&heard, "%s\n", text);
}

static const struct ohc_report_ops hearing = { .message = hear };
static struct ohc_report report = { .ops = &hearing, .level = OHC_WARNING };

static int keep(struct ohc_faults *f, enum ohc_code code, const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;

	return ohc_faults_keep(f, ohc_error_set(&err, code, "%s", text), &err);
}

static void test_of_things(void **state)
{
	struct ohc_faults f = { .report = &report };
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_int_equal(ohc_faults_end(&f, &err), 0);
	assert_int_equal(ohc_faults_keep(&f, 0, NULL), 0);
	assert_int_equal(ohc_faults_keep(&f, 1, NULL), 1);
	assert_int_equal(keep(&f, OHC_E_FORMAT, "one"), 0);
	assert_int_equal(ohc_faults_end(&f, &err), -OHC_E_FORMAT);
	assert_string_equal(err.msg, "one");
	assert_int_equal(keep(&f, OHC_E_FAILED, "two"), 0);
	assert_int_equal(keep(&f, OHC_E_NOT_FOUND, "three"), 0);
	assert_int_equal(ohc_faults_end(&f, &err), -OHC_E_NOT_FOUND);
	assert_string_equal(err.msg, "three (one of 3 faults)");
	assert_string_equal(ohc_buf_str(&heard), "one\ntwo\n");
	ohc_buf_clear(&heard);
}

/* They would come again with the next one. */
static void test_of_none(void **state)
{
	static const enum ohc_code codes[] = { OHC_E_USAGE, OHC_E_DIGEST, OHC_E_DENIED,
					       OHC_E_NETWORK, OHC_E_INTERRUPTED };
	struct ohc_faults f = { .report = &report };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		assert_int_equal(keep(&f, codes[i], "x"), -(int)codes[i]);
	assert_int_equal(ohc_faults_end(&f, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_things),
		cmocka_unit_test(test_of_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
