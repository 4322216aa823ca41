// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <unistd.h>

#include "compose/bake/journal.h"
#include "core/buf.h"
#include "core/file.h"

static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/ohc-journal.%d", (int)getpid());
	unlink(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct ohc_journal *open_journal(void)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_journal *j = NULL;

	assert_ok(ohc_journal_open(path, false, NULL, &j, &err), &err);
	return j;
}

static void add(struct ohc_journal *j, const char *name, const char *key, const char *digest)
{
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_journal_add(j, name, key, digest, &err), &err);
}

static size_t untold(void)
{
	struct ohc_journal *j = open_journal();
	size_t n = ohc_journal_warnings(j)->n;

	ohc_journal_close(j);
	return n;
}

static void test_warnings(void **state)
{
	struct ohc_journal *j = open_journal();
	struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_journal_told(j); /* of nothing */
	ohc_journal_warn(j, "first");
	add(j, "r/x:1", SHA_A, SHA_B);
	ohc_journal_warn(j, "second \"\xff\"");
	ohc_journal_close(j); /* as a kill does */
	j = open_journal();
	assert_int_equal(ohc_journal_count(j), 1);
	assert_int_equal(ohc_journal_warnings(j)->n, 2);
	assert_string_equal(ohc_journal_warnings(j)->v[0], "first");
	assert_string_equal(ohc_journal_warnings(j)->v[1], "second \"\\xff\"");
	ohc_journal_told(j);
	ohc_journal_told(j);
	ohc_journal_close(j);
	assert_int_equal(untold(), 0);
	j = open_journal();
	ohc_journal_warn(j, "third");
	ohc_journal_close(j);
	assert_int_equal(untold(), 1);
	ohc_journal_warn(NULL, "nobody");
	ohc_journal_told(NULL);
	assert_ok(ohc_file_read(path, 4096, &text, &err), &err);
	assert_non_null(strstr(text.data, "{\"warnings\":\"told\"}\n{\"warning\":\"third\"}\n"));
	assert_null(strstr(text.data, "1}\n{\"warnings\""));
	ohc_buf_clear(&text);
}

static void test_resume(void **state)
{
	struct ohc_journal *j = open_journal();

	(void)state;
	assert_int_equal(ohc_journal_count(j), 0);
	add(j, "r/x:1", SHA_A, SHA_B);
	add(j, "r/x:2", SHA_A, SHA_B);
	add(j, "r/x:1", SHA_C, SHA_A);
	ohc_journal_close(j);
	j = open_journal();
	assert_int_equal(ohc_journal_count(j), 2);
	assert_string_equal(ohc_journal_digest(j, "r/x:1", SHA_C), SHA_A);
	assert_null(ohc_journal_digest(j, "r/x:1", SHA_A));
	assert_string_equal(ohc_journal_digest(j, "r/x:2", SHA_A), SHA_B);
	assert_null(ohc_journal_digest(j, "r/x:3", SHA_A));
	ohc_journal_close(j);
	assert_null(ohc_journal_digest(NULL, "r/x:1", SHA_A));
}

/* A line torn anywhere costs its own image and no other. */
static void test_torn(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_journal *j = open_journal();
	size_t whole;

	(void)state;
	add(j, "r/x:1", SHA_A, SHA_B);
	add(j, "r/x:2", SHA_A, SHA_B);
	ohc_journal_close(j);
	assert_ok(ohc_file_read(path, 1 << 20, &text, &err), &err);
	for (whole = text.len - 1; text.data[whole - 1] != '\n'; whole--)
		;
	for (size_t n = whole + 1; n < text.len - 1; n += 7) {
		assert_ok(ohc_file_write(path, text.data, n, 0600, &err), &err);
		j = open_journal();
		assert_int_equal(ohc_journal_count(j), 1);
		add(j, "r/x:3", SHA_A, SHA_B);
		ohc_journal_close(j);
		j = open_journal();
		assert_int_equal(ohc_journal_count(j), 2);
		assert_non_null(ohc_journal_digest(j, "r/x:1", SHA_A));
		assert_null(ohc_journal_digest(j, "r/x:2", SHA_A));
		assert_non_null(ohc_journal_digest(j, "r/x:3", SHA_A));
		ohc_journal_close(j);
	}
	assert_ok(ohc_file_write(path, text.data, 10, 0600, &err), &err);
	j = open_journal();
	add(j, "r/x:3", SHA_A, SHA_B);
	ohc_journal_close(j);
	ohc_journal_close(open_journal());
	ohc_buf_clear(&text);
}

static void test_lock(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_journal *j = open_journal(), *second = NULL;

	(void)state;
	assert_fails(ohc_journal_open(path, false, NULL, &second, &err), OHC_E_FAILED, &err,
		     "another bake is using the journal");
	ohc_journal_close(j);
	ohc_journal_close(open_journal());
}

static void test_foreign(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_journal *j = NULL;

	(void)state;
	assert_ok(ohc_file_write(path, "root:x:0:0\n", 11, 0600, &err), &err);
	assert_fails(ohc_journal_open(path, false, NULL, &j, &err), OHC_E_FORMAT, &err,
		     "is no journal");
	assert_fails(ohc_journal_open("/dev/null", false, NULL, &j, &err), OHC_E_USAGE, &err,
		     "not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_resume, setup),
		cmocka_unit_test_setup(test_warnings, setup),
		cmocka_unit_test_setup(test_torn, setup),
		cmocka_unit_test_setup(test_lock, setup),
		cmocka_unit_test_setup(test_foreign, setup),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
