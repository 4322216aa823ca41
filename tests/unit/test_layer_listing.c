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

#include "scratch.h"
#include "core/alloc.h"
#include "core/file.h"
#include "layout/layer/fingerprint.h"
#include "layout/layer/listing.h"

static struct ohc_error err;
static char first[OHC_DIGEST_MAX];
static bool settled;

static int fingerprint(char ret[OHC_DIGEST_MAX])
{
	struct ohc_listing list = { .settled = false };
	int rc = ohc_listing_read("p", &list, &err);

	memcpy(ret, list.fingerprint, OHC_DIGEST_MAX);
	settled = list.settled;
	ohc_listing_clear(&list);
	return rc;
}

static int setup(void **state)
{
	if (scratch_enter(state) || mkdir("p", 0755) || mkdir("p/d", 0755) ||
	    ohc_file_write("p/d/f", "x", 1, 0644, &err) < 0)
		return -1;
	return fingerprint(first);
}

static void assert_changed(bool changed)
{
	char again[OHC_DIGEST_MAX];

	assert_int_equal(fingerprint(again), 0);
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
	assert_int_equal(fingerprint(first), 0);
	assert_int_equal(ohc_file_write("p/d/f", "y", 1, 0644, &err), 0);
	assert_changed(true);
	assert_int_equal(fingerprint(first), 0);
	assert_int_equal(symlink("f", "p/d/l"), 0);
	assert_changed(true);
}

static void print(const char *path, const struct stat *st, char ret[OHC_DIGEST_MAX])
{
	struct ohc_fingerprint f;
	bool is_settled;

	ohc_fingerprint_start(&f);
	ohc_fingerprint_add(&f, path, st);
	ohc_fingerprint_end(&f, ret, &is_settled);
}

/* Each alone: a real file that changes gets another ctime with it. */
static void test_every_mark_of_a_file_counts(void **state)
{
	static const struct stat some_file = { .st_dev = 1,
					       .st_ino = 2,
					       .st_mode = S_IFREG | 0644,
					       .st_size = 3,
					       .st_mtim = { 1000, 4 },
					       .st_ctim = { 2000, 5 } };
	char one[OHC_DIGEST_MAX], other[OHC_DIGEST_MAX];
	struct stat others[8];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		others[i] = some_file;
	others[0].st_dev++;
	others[1].st_ino++;
	others[2].st_mode ^= 0111;
	others[3].st_size++;
	others[4].st_mtim.tv_sec++;
	others[5].st_mtim.tv_nsec++;
	others[6].st_ctim.tv_sec++;
	others[7].st_ctim.tv_nsec++;
	print("/f", &some_file, one);
	print("/f", &some_file, other);
	assert_string_equal(one, other);
	print("/g", &some_file, other);
	assert_string_not_equal(one, other);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++) {
		print("/f", &others[i], other);
		if (strcmp(one, other) == 0)
			fail_msg("mark %zu", i);
	}
}

static void test_a_listing_is_in_the_order_of_a_layer(void **state)
{
	static const struct {
		const char *path, *name;
		size_t depth;
		bool is_dir;
	} want[] = { { "", "", 0, true },
		     { "d", "d", 1, true },
		     { "d/f", "f", 2, false },
		     { "d/g", "g", 2, true },
		     { "d/g/deep", "deep", 3, true },
		     { "d/g/deep/h", "h", 4, false },
		     { "d0", "d0", 1, false },
		     { "e", "e", 1, true } };
	struct ohc_listing list = { .settled = false };
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("p/d/g", 0755) | mkdir("p/d/g/deep", 0755) | mkdir("p/e", 0700), 0);
	assert_int_equal(ohc_file_write("p/d/g/deep/h", "hh", 2, 0644, &err), 0);
	assert_int_equal(symlink("d", "p/d0"), 0);
	assert_int_equal(ohc_listing_read("p", &list, &err), 0);
	ohc_listing_start(&it, &list);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(want); i++) {
		char path[64];

		assert_true(ohc_listing_next(&it, &e));
		assert_string_equal(e.path, want[i].path);
		assert_string_equal(e.name, want[i].name);
		assert_int_equal(e.depth, want[i].depth);
		assert_int_equal(S_ISDIR(e.st.st_mode), want[i].is_dir);
		snprintf(path, sizeof(path), "p/%s", e.path);
		assert_int_equal(lstat(path, &st), 0);
		assert_int_equal(e.st.st_mode, st.st_mode);
		assert_int_equal(e.st.st_size, st.st_size);
		assert_int_equal(e.st.st_ino, st.st_ino);
		assert_int_equal(e.st.st_mtim.tv_nsec, st.st_mtim.tv_nsec);
		assert_int_equal(e.st.st_ctim.tv_sec, st.st_ctim.tv_sec);
	}
	assert_false(ohc_listing_next(&it, &e));
	ohc_listing_end(&it);
	ohc_listing_clear(&list);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scratch_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_while_nothing_changes),
		TEST(test_another_when_anything_does),
		TEST(test_every_mark_of_a_file_counts),
		TEST(test_a_listing_is_in_the_order_of_a_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
