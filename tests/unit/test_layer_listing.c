// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
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

static void test_one_fresh_file_makes_all_unsettled(void **state)
{
	char again[OHC_DIGEST_MAX];

	(void)state;
	sleep(4); /* until what was made here is at rest */
	assert_int_equal(fingerprint(again), 0);
	assert_true(settled);
	assert_int_equal(chmod("p/d/f", 0600), 0);
	assert_int_equal(fingerprint(again), 0);
	assert_false(settled);
}

static void assert_marks_differ(const struct stat *a, const struct stat *b, bool differ)
{
	struct ohc_buf one = OHC_BUF_INIT, other = OHC_BUF_INIT;

	ohc_fingerprint_put(&one, a);
	ohc_fingerprint_put(&other, b);
	assert_int_equal(one.len != other.len || memcmp(one.data, other.data, one.len) != 0,
			 differ);
	ohc_buf_clear(&one);
	ohc_buf_clear(&other);
}

/* Each alone: a real file that changes gets another ctime with it. */
static void test_every_mark_of_a_file_counts(void **state)
{
	static const struct stat some_file = { .st_dev = 1,
					       .st_ino = 2,
					       .st_mode = S_IFREG | 0644,
					       .st_nlink = 1,
					       .st_size = 3,
					       .st_mtim = { 1000, 4 },
					       .st_ctim = { 2000, 5 } };
	struct stat others[10];

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
	others[8].st_nlink++;
	others[9].st_rdev++;
	assert_marks_differ(&some_file, &some_file, false);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		assert_marks_differ(&some_file, &others[i], true);
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

#define DIRS  300
#define FILES 7

/* More than one processor's part: the order must be that of one walk, whoever walked what. */
static void test_parts_stand_in_the_order_of_one_walk(void **state)
{
	struct ohc_listing list = { .settled = false };
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	char path[64], again[OHC_DIGEST_MAX];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < DIRS; i++) {
		snprintf(path, sizeof(path), "q/%d/%03d/deep", i % 3, i);
		assert_int_equal(ohc_file_mkdirs(path, 0755, &err), 0);
		for (int k = 0; k < FILES; k++) {
			snprintf(path, sizeof(path), "q/%d/%03d/deep/%d", i % 3, i, k);
			assert_int_equal(ohc_file_write(path, "x", 1, 0644, &err), 0);
		}
	}
	assert_int_equal(link("q/0/000/deep/0", "q/1/001/deep/other"), 0);
	assert_int_equal(ohc_listing_read("q", &list, &err), 0);
	assert_int_equal(list.bytes, DIRS * FILES); /* a file of two names counts once */
	*path = '\0';
	ohc_listing_start(&it, &list);
	for (; ohc_listing_next(&it, &e); n++) {
		assert_true(n == 0 || strcmp(path, e.path) < 0); /* no name has '-' or the like */
		snprintf(path, sizeof(path), "%s", e.path);
	}
	ohc_listing_end(&it);
	assert_int_equal(n, 1 + 3 + 2 * DIRS + DIRS * FILES + 1);
	memcpy(again, list.fingerprint, sizeof(again));
	ohc_listing_clear(&list);
	assert_int_equal(ohc_listing_read("q", &list, &err), 0);
	assert_string_equal(again, list.fingerprint);
	ohc_listing_clear(&list);
}

/* Deeper than parts are made, and deeper than a path may be long. */
static void test_a_tree_may_be_deeper_than_a_path(void **state)
{
	static const char name[] = "a-name-of-a-directory-that-is-long-enough";
	struct ohc_listing list = { .settled = false };
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	int fd = open("p", O_RDONLY | O_DIRECTORY), n = 0;

	(void)state;
	for (int i = 0; i < 150; i++) {
		int below;

		assert_int_equal(mkdirat(fd, name, 0755), 0);
		below = openat(fd, name, O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = below;
	}
	close(fd);
	assert_int_equal(ohc_listing_read("p", &list, &err), 0);
	ohc_listing_start(&it, &list);
	while (ohc_listing_next(&it, &e))
		n += strcmp(e.name, name) == 0;
	ohc_listing_end(&it);
	ohc_listing_clear(&list);
	assert_int_equal(n, 150);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scratch_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_while_nothing_changes),
		TEST(test_another_when_anything_does),
		TEST(test_one_fresh_file_makes_all_unsettled),
		TEST(test_every_mark_of_a_file_counts),
		TEST(test_a_listing_is_in_the_order_of_a_layer),
		TEST(test_parts_stand_in_the_order_of_one_walk),
		TEST(test_a_tree_may_be_deeper_than_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
