// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "layout/layer/fingerprint.h"

static struct ohc_error err;
static char dir[64], old_cwd[4096], first[OHC_DIGEST_MAX];
static bool settled;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ohc-print-XXXXXX");
	if (!mkdtemp(dir) || !getcwd(old_cwd, sizeof(old_cwd)) || chdir(dir) || mkdir("p", 0755) ||
	    mkdir("p/d", 0755) || ohc_write_file("p/d/f", "x", 1, 0644, &err) < 0)
		return -1;
	return ohc_fingerprint("p", first, &settled, &err);
}

static int teardown(void **state)
{
	char cmd[128];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return chdir(old_cwd) || system(cmd);
}

static void assert_changed(bool changed)
{
	char again[OHC_DIGEST_MAX];

	assert_int_equal(ohc_fingerprint("p", again, &settled, &err), 0);
	assert_int_equal(strcmp(first, again) != 0, changed);
}

static void test_the_same_while_nothing_changes(void **state)
{
	(void)state;
	assert_false(settled); /* the files are moments old */
	assert_changed(false);
}

static void test_another_when_anything_does(void **state)
{
	(void)state;
	assert_int_equal(chmod("p/d/f", 0600), 0);
	assert_changed(true);
	assert_int_equal(ohc_fingerprint("p", first, &settled, &err), 0);
	assert_int_equal(ohc_write_file("p/d/f", "y", 1, 0644, &err), 0);
	assert_changed(true);
	assert_int_equal(ohc_fingerprint("p", first, &settled, &err), 0);
	assert_int_equal(symlink("f", "p/d/l"), 0);
	assert_changed(true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_while_nothing_changes),
		TEST(test_another_when_anything_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
