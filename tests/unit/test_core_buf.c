// SPDX-License-Identifier: Apache-2.0
/* core/: buffers, lists of strings, errors. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/strv.h"

static void test_buf(void **state)
{
	struct ohc_buf b = OHC_BUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(ohc_buf_str(&b), "");
	ohc_buf_adds(&b, "ab");
	ohc_buf_addc(&b, 'c');
	ohc_buf_addf(&b, "%d-%s", 42, "x");
	ohc_buf_add(&b, "\0y", 2);
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.data, "abc42-x\0y", 10); /* and the NUL behind */
	ohc_buf_truncate(&b, 3);
	assert_string_equal(b.data, "abc");
	ohc_buf_truncate(&b, 100);
	assert_int_equal(b.len, 3);
	s = ohc_buf_detach(&b);
	assert_string_equal(s, "abc");
	free(s);
	assert_int_equal(b.len, 0);
	s = ohc_buf_detach(&b);
	assert_string_equal(s, "");
	free(s);
	ohc_buf_clear(&b);
}

static void test_buf_grows(void **state)
{
	struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		ohc_buf_addc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	assert_true(b.cap < 400000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], 'a' + (int)(i % 26));
	ohc_buf_addf(&b, "%200000s", "x");
	assert_int_equal(b.len, 300000);
	ohc_buf_clear(&b);
}

static void test_buf_max(void **state)
{
	struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	assert_true(ohc_buf_add_max(&b, "abc", 3, 4));
	assert_false(ohc_buf_add_max(&b, "de", 2, 4));
	assert_string_equal(b.data, "abc");
	assert_true(ohc_buf_add_max(&b, "d", 1, 4));
	assert_false(ohc_buf_add_max(&b, "x", SIZE_MAX, 4));
	assert_false(ohc_buf_add_max(&b, "x", 1, 2));
	assert_string_equal(b.data, "abcd");
	ohc_buf_clear(&b);
}

static void test_strv(void **state)
{
	struct ohc_strv list = OHC_STRV_INIT;
	const char *s;
	char text[16];
	size_t i, seen = 0;

	(void)state;
	ohc_strv_clear(&list);
	assert_false(ohc_strv_has(&list, "0"));
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%zu", i);
		ohc_strv_add(&list, text);
		assert_int_equal(list.n, i + 1);
		assert_null(list.v[list.n]);
	}
	ohc_strv_take(&list, ohc_xasprintf("taken %d", 1));
	assert_true(ohc_strv_has(&list, "taken 1"));
	assert_true(ohc_strv_has(&list, "0"));
	assert_true(ohc_strv_has(&list, "99"));
	assert_false(ohc_strv_has(&list, "100"));
	ohc_strv_foreach (&list, i, s) {
		assert_ptr_equal(s, list.v[i]);
		seen++;
	}
	assert_int_equal(seen, 101);
	ohc_strv_clear(&list);
	assert_int_equal(list.n, 0);
	assert_null(list.v);
}

static void test_error(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT, other = OHC_ERROR_INIT;
	char long_text[5000];

	(void)state;
	assert_int_equal(ohc_error_set(&err, OHC_E_USAGE, "bad '%s'", "x"), -OHC_E_USAGE);
	assert_string_equal(err.msg, "bad 'x'");
	assert_int_equal(err.sys, 0);
	assert_int_equal(ohc_error_wrap(&err, -OHC_E_USAGE, "option %d", 7), -OHC_E_USAGE);
	assert_string_equal(err.msg, "option 7: bad 'x'");
	assert_int_equal(ohc_error_copy(&other, &err, -7), -7);
	assert_string_equal(other.msg, err.msg);
	assert_int_equal(ohc_error_copy(NULL, &err, -7), -7);
	assert_int_equal(ohc_error_copy(&other, NULL, 0), 0);
	assert_int_equal(ohc_error_set(NULL, OHC_E_DIGEST, "x"), -OHC_E_DIGEST);
	assert_int_equal(ohc_error_wrap(NULL, -3, "x"), -3);

	errno = ENOENT;
	assert_int_equal(ohc_error_sys(&err, "cannot open '%s'", "f"), -OHC_E_NOT_FOUND);
	assert_string_equal(err.msg, "cannot open 'f': No such file or directory");
	assert_int_equal(err.sys, ENOENT);
	errno = EACCES;
	assert_int_equal(ohc_error_sys(&err, "x"), -OHC_E_FAILED);

	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	ohc_error_set(&err, OHC_E_FAILED, "%s", long_text);
	ohc_error_wrap(&err, -1, "%s", long_text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void test_exit_status(void **state)
{
	(void)state;
	assert_int_equal(ohc_error_exit_status(0), 0);
	assert_int_equal(ohc_error_exit_status(5), 0);
	assert_int_equal(ohc_error_exit_status(-OHC_E_FAILED), 1);
	assert_int_equal(ohc_error_exit_status(-OHC_E_USAGE), 2);
	assert_int_equal(ohc_error_exit_status(-OHC_E_FORMAT), 3);
	assert_int_equal(ohc_error_exit_status(-OHC_E_DIGEST), 3);
	assert_int_equal(ohc_error_exit_status(-OHC_E_NOT_FOUND), 4);
	assert_int_equal(ohc_error_exit_status(-OHC_E_DENIED), 5);
	assert_int_equal(ohc_error_exit_status(-OHC_E_NETWORK), 6);
	assert_int_equal(ohc_error_exit_status(-OHC_E_CHECK), 7);
	assert_int_equal(ohc_error_exit_status(-OHC_E_UNSUPPORTED), 1);
	assert_int_equal(ohc_error_exit_status(-OHC_E_INTERRUPTED), 130);
	assert_int_equal(ohc_error_exit_status(-12345), 1);
}

static void give_back(char **s)
{
	ohc_cleanup(ohc_freep) char *mine = ohc_xstrdup("x");

	*s = ohc_take(mine);
}

static void test_take(void **state)
{
	char *s;

	(void)state;
	give_back(&s);
	assert_string_equal(s, "x");
	free(s);
	assert_null(ohc_xstrdup(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf),     cmocka_unit_test(test_buf_grows),
		cmocka_unit_test(test_buf_max), cmocka_unit_test(test_strv),
		cmocka_unit_test(test_error),   cmocka_unit_test(test_exit_status),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
