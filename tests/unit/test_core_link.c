// SPDX-License-Identifier: Apache-2.0
#include "unit.h"
#include "scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"

static void leads_to(const char *path, const char *want)
{
	ohc_cleanup(ohc_freep) char *real = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_link_follow(path, &real, &err), &err);
	assert_string_equal(real, want);
}

static void test_follow(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	char *real = NULL;

	(void)state;
	assert_int_equal(mkdir("d", 0755) | symlink("d", "to-d") | symlink("../file", "d/up") |
				 symlink("to-d/up", "far") | symlink("loop", "loop") |
				 symlink("nowhere", "d/dangling") | close(creat("file", 0644)),
			 0);
	leads_to("file", "file");
	leads_to("none", "none");
	leads_to("to-d/up", "to-d/../file");
	leads_to("far", "./to-d/../file");
	leads_to("d/dangling", "d/nowhere");
	leads_to("/proc/self/fd/1", "/proc/self/fd/1");
	leads_to("/dev/fd/1", "/dev/fd/1");
	leads_to("/dev/stdout", "/proc/self/fd/1");
	assert_fails(ohc_link_follow("loop", &real, &err), OHC_E_FAILED, &err,
		     "cannot open 'loop': Too many levels");
	assert_null(real);
}

/* Links of which owners are followed in a directory of this mode and owner? */
static void test_traps(void **state)
{
	static const struct {
		mode_t mode;
		uid_t dir, name;
		bool refused;
	} rows[] = {
		{ 01777, 0, 1000, true },    { 01777, 0, 0, false },
		{ 01777, 1001, 1000, true }, { 01777, 1000, 1000, false },
		{ 0777, 1001, 1000, false }, { 01775, 1001, 1000, false },
		{ 01777, 1001, 0, false },
	};
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		static const char *const names[] = { "t/link", "t/dangling", "t/fifo" };

		assert_int_equal(mkdir("t", 0700) | chmod("t", rows[i].mode) |
					 chown("t", rows[i].dir, 0) | symlink("../file", names[0]) |
					 symlink("../none", names[1]) | mkfifo(names[2], 0666) |
					 close(creat("t/file", 0666)) |
					 chown("t/file", rows[i].name, 0),
				 0);
		for (size_t j = 0; j < OHC_ARRAY_SIZE(names); j++) {
			ohc_cleanup(ohc_freep) char *real = NULL;

			assert_int_equal(lchown(names[j], rows[i].name, 0), 0);
			if (rows[i].refused)
				assert_fails(ohc_link_follow(names[j], &real, &err), OHC_E_FAILED,
					     &err, "is another user's");
			else
				assert_ok(ohc_link_follow(names[j], &real, &err), &err);
			unlink(names[j]);
		}
		leads_to("t/file", "t/file"); /* it is replaced, not written to */
		assert_int_equal(unlink("t/file") | rmdir("t"), 0);
	}
}

/* One's own link may lead to another's. */
static void test_chain(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir("t", 0700) | chmod("t", 01777) | symlink("../file", "t/link") |
				 lchown("t/link", 1000, 0) | symlink("t/link", "own"),
			 0);
	assert_fails(ohc_file_write("own", "x", 1, 0644, &err), OHC_E_FAILED, &err,
		     "'./t/link' is another user's symbolic link");
	assert_int_equal(unlink("own") | unlink("t/link") | rmdir("t"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_traps),
		cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
