// SPDX-License-Identifier: Apache-2.0
/* core/cache.h: what goes in comes out, damage is a miss, and the oldest goes first. */
#include "unit.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/newfile.h"
#include "core/parallel.h"
#include "core/cache.h"
#include "oci/documents/digest.h"

#define NS "layer-index"

static unsigned int warnings;

static void on_message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r, (void)text;
	warnings += level == OHC_WARNING;
}

static struct ohc_report *report(void)
{
	static const struct ohc_report_ops ops = { .message = on_message };
	static struct ohc_report r = { &ops, OHC_TRACE };

	return &r;
}

static int make_dir(void **state)
{
	warnings = 0;
	return scratch_make(state);
}

static char *path_of(const char *key)
{
	char d[OHC_DIGEST_MAX];

	ohc_digest_of(key, strlen(key), d);
	return ohc_xasprintf("%s/" NS "/%.2s/%s", scratch_dir, ohc_digest_hex(d),
			     ohc_digest_hex(d));
}

static bool has(struct ohc_cache *c, const char *key, const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (!ohc_cache_get(c, NS, key, 1 << 20, &b))
		return false;
	assert_string_equal(ohc_buf_str(&b), want);
	return true;
}

static void put(struct ohc_cache *c, const char *key, const char *text)
{
	ohc_cache_put(c, NS, key, text, strlen(text));
}

static void test_round_trip(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct stat st;
	ohc_cleanup(ohc_freep) char *path = path_of("1 a"), *tag = NULL;

	(void)state;
	ohc_cache_open(scratch_dir, 0, report(), &c);
	assert_string_equal(ohc_cache_dir(c), scratch_dir);
	assert_false(has(c, "1 a", ""));
	put(c, "1 a", "hello");
	put(c, "1 b", "");
	assert_true(has(c, "1 a", "hello"));
	assert_true(has(c, "1 b", ""));
	assert_false(has(c, "2 a", ""));
	assert_false(ohc_cache_get(c, "other", "1 a", 100, &b));
	assert_false(ohc_cache_get(c, NS, "1 a", 4, &b));
	assert_true(ohc_cache_get(c, NS, "1 a", 5, &b));
	put(c, "1 a", "again");
	assert_true(has(c, "1 a", "again"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
	tag = ohc_xasprintf("%s/CACHEDIR.TAG", scratch_dir);
	assert_int_equal(access(tag, F_OK), 0);
	assert_int_equal(warnings, 0);
}

/* Finds at once what is put soon; others find it when the cache is closed. */
static void test_put_soon(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *other = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_cache *c;

	(void)state;
	ohc_cache_open(scratch_dir, 0, report(), &c);
	ohc_cache_open(scratch_dir, 0, report(), &other);
	put(c, "1 a", "old");
	ohc_cache_put_soon(c, NS, "1 a", "longer", 6);
	ohc_cache_put_soon(c, NS, "1 a", "new", 3);
	ohc_cache_put_soon(c, "other", "1 a", "another", 7);
	assert_true(has(c, "1 a", "new"));
	assert_true(has(other, "1 a", "old"));
	assert_false(ohc_cache_get(c, "other", "1 a", 6, &b));
	assert_true(ohc_cache_get(c, "other", "1 a", 7, &b));
	ohc_cache_close(c);
	assert_true(has(other, "1 a", "new"));
	ohc_cache_put_soon(NULL, NS, "1 a", "x", 1);
}

/* A long run writes them while it goes on, so that a kill loses little. */
static void test_put_soon_does_not_grow(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL, *other = NULL;
	ohc_cleanup(ohc_freep) char *text = ohc_xcalloc(1, (1 << 19) + 1);

	(void)state;
	memset(text, 'x', 1 << 19);
	ohc_cache_open(scratch_dir, 0, report(), &c);
	ohc_cache_open(scratch_dir, 0, report(), &other);
	ohc_cache_put_soon(c, NS, "a", text, 1 << 19);
	ohc_cache_put_soon(c, NS, "b", text, 1 << 19);
	assert_false(has(other, "a", text));
	ohc_cache_put_soon(c, NS, "b", text, (1 << 19) - 1);
	assert_false(has(other, "a", text));
	ohc_cache_put_soon(c, NS, "c", "xx", 2);
	assert_true(has(other, "a", text));
	assert_true(has(other, "c", "xx"));
	ohc_cache_put_soon(c, NS, "d", "soon", 4);
	sleep(3);
	assert_false(has(other, "d", "soon"));
	ohc_cache_put_soon(c, NS, "e", "soon", 4);
	assert_true(has(other, "d", "soon"));
}

static void test_no_cache_is_empty_and_forgets(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	ohc_cache_put(NULL, NS, "a", "x", 1);
	assert_false(ohc_cache_get(NULL, NS, "a", 10, &b));
}

static void open_with(const char *xdg, const char *home, const char *want)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;

	xdg ? setenv("XDG_CACHE_HOME", xdg, 1) : unsetenv("XDG_CACHE_HOME");
	home ? setenv("HOME", home, 1) : unsetenv("HOME");
	ohc_cache_open(NULL, 0, NULL, &c);
	if (want)
		assert_string_equal(ohc_cache_dir(c), want);
	else
		assert_null(c);
}

static void test_default_places(void **state)
{
	(void)state;
	open_with("/x", "/h", "/x/ohcompose");
	open_with("relative", "/h", "/h/.cache/ohcompose");
	open_with(NULL, "/h", "/h/.cache/ohcompose");
	open_with("", "", NULL);
	open_with(NULL, NULL, NULL);
}

/* Every single byte of an entry counts, and so does its length. */
static void test_damage_is_a_miss(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf whole = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = path_of("1 a");
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_cache_open(scratch_dir, 0, report(), &c);
	put(c, "1 a", "hello");
	assert_ok(ohc_file_read(path, 4096, &whole, &err), &err);
	for (size_t i = 0; i < whole.len; i++) {
		whole.data[i] ^= 1;
		assert_ok(ohc_file_write(path, whole.data, whole.len, 0600, &err), &err);
		assert_false(has(c, "1 a", ""));
		whole.data[i] ^= 1;
		assert_ok(ohc_file_write(path, whole.data, i, 0600, &err), &err);
		assert_false(has(c, "1 a", ""));
	}
	ohc_buf_addc(&whole, 'x');
	assert_ok(ohc_file_write(path, whole.data, whole.len, 0600, &err), &err);
	assert_false(has(c, "1 a", ""));
	put(c, "1 a", "hello");
	assert_true(has(c, "1 a", "hello"));
}

static void test_what_cannot_be_written_is_one_warning(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	ohc_cleanup(ohc_freep) char *file = ohc_xasprintf("%s/file", scratch_dir);
	ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("%s/file/cache", scratch_dir);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_cache_info info;

	(void)state;
	assert_ok(ohc_file_write(file, "x", 1, 0600, &err), &err);
	ohc_cache_open(below, 0, report(), &c);
	put(c, "a", "x");
	put(c, "b", "x");
	assert_int_equal(warnings, 1);
	assert_false(has(c, "a", ""));
	assert_fails(ohc_cache_info(c, &info, &err), OHC_E_NOT_FOUND, &err, below);
}

static void age(const char *key, time_t by)
{
	ohc_cleanup(ohc_freep) char *path = path_of(key);
	struct timespec t[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = time(NULL) - by } };

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void test_prune_removes_what_was_not_used_for_longest(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_cache_info info;
	struct ohc_cache_use gone;
	uint64_t one;

	(void)state;
	ohc_cache_open(scratch_dir, 0, report(), &c);
	assert_ok(ohc_cache_info(c, &info, &err), &err);
	assert_int_equal(info.entries, 0);
	put(c, "a", "1");
	put(c, "b", "2");
	put(c, "c", "3");
	ohc_cache_put(c, "another", "d", "4", 1);
	assert_ok(ohc_cache_info(c, &info, &err), &err);
	assert_int_equal(info.n, 2);
	assert_string_equal(info.v[0].ns, "another");
	assert_int_equal(info.v[1].entries, 3);
	assert_int_equal(info.entries, 4);
	one = info.v[0].bytes;
	assert_int_equal(info.bytes, 4 * one);
	ohc_cache_info_clear(&info);
	age("a", 300), age("b", 200), age("c", 100);
	assert_true(has(c, "a", "1")); /* the oldest becomes the newest */
	assert_ok(ohc_cache_prune(c, 2 * one, &gone, &err), &err);
	assert_int_equal(gone.entries, 2);
	assert_int_equal(gone.bytes, 2 * one);
	assert_true(has(c, "a", "1"));
	assert_false(has(c, "b", ""));
	assert_false(has(c, "c", ""));
	assert_ok(ohc_cache_prune(c, 0, &gone, &err), &err);
	assert_int_equal(gone.entries, 2);
	assert_false(has(c, "a", ""));
}

static void write_at(const char *name, time_t age_by)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", scratch_dir, name);
	struct timespec t[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = time(NULL) - age_by } };
	struct ohc_error err = OHC_ERROR_INIT;

	*strrchr(path, '/') = '\0';
	assert_ok(ohc_file_mkdirs(path, 0700, &err), &err);
	path[strlen(path)] = '/';
	assert_ok(ohc_file_write(path, "mine", 4, 0600, &err), &err);
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static bool is_there(const char *name)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", scratch_dir, name);

	return access(path, F_OK) == 0;
}

/* --cache may name somebody's home. */
static void test_prune_leaves_alone_what_is_not_of_a_cache(void **state)
{
	static const char *const mine[] = { "thesis", "docs/ab/letter", "docs/abc/x",
					    ".ssh/ab/" /* and a name that an entry could have: */
					    "0000000000000000000000000000000000000000"
					    "000000000000000000000000" };
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_cache_use gone;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(mine); i++)
		write_at(mine[i], 0);
	write_at("docs/ab/" OHC_TMP_PREFIX "old", 7200);
	write_at("docs/ab/" OHC_TMP_PREFIX "new", 60);
	ohc_cache_open(scratch_dir, 0, report(), &c);
	put(c, "a", "1");
	assert_ok(ohc_cache_prune(c, 0, &gone, &err), &err);
	assert_int_equal(gone.entries, 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(mine); i++)
		assert_true(is_there(mine[i]));
	assert_false(is_there("docs/ab/" OHC_TMP_PREFIX "old"));
	assert_true(is_there("docs/ab/" OHC_TMP_PREFIX "new"));
}

static void test_it_stays_bounded(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_cache_info info;
	char big[5000], key[16];

	(void)state;
	memset(big, 'x', sizeof(big));
	ohc_cache_open(scratch_dir, 20000, report(), &c);
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ohc_cache_put(c, NS, key, big, 4000);
	}
	assert_ok(ohc_cache_info(c, &info, &err), &err);
	assert_in_range(info.bytes, 12000, 20000);
	ohc_cache_info_clear(&info);
	assert_int_equal(warnings, 0);
}

static void put_big(const char *key)
{
	static const char big[4000];
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;

	ohc_cache_open(scratch_dir, 200000, report(), &c);
	ohc_cache_put(c, NS, key, big, sizeof(big));
}

static void assert_growth(const char *want)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/ohcompose-growth", scratch_dir);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_read(path, 100, &b, &err), &err);
	assert_string_equal(ohc_buf_str(&b), want);
}

/* A sixteenth of 200000 is 12500.  Another run shows by what old writers left, which goes when all
 * is measured. */
static void test_runs_know_what_was_written_before(void **state)
{
	static const char old[] = NS "/00/" OHC_TMP_PREFIX "old";

	(void)state;
	put_big("a");
	assert_growth("0\n"); /* nobody knew how much was there */
	write_at(old, 7200);
	put_big("b");
	put_big("c");
	put_big("d");
	assert_growth("12000\n");
	assert_true(is_there(old));
	put_big("e");
	assert_growth("0\n");
	assert_false(is_there(old));
}

static void test_a_growth_that_is_no_number_is_not_known(void **state)
{
	static const char old[] = NS "/00/" OHC_TMP_PREFIX "old";
	static const char *const texts[] = { "", "\n", "-1\n", "12 000\n",
					     "99999999999999999999\n" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++) {
		ohc_cleanup(ohc_freep) char *path =
			ohc_xasprintf("%s/ohcompose-growth", scratch_dir);
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_file_write(path, texts[i], strlen(texts[i]), 0600, &err), &err);
		write_at(old, 7200);
		put_big("a");
		assert_false(is_there(old));
		assert_growth("0\n");
	}
}

static void test_two_runs_at_once_count_both(void **state)
{
	struct ohc_cache *c = NULL;

	(void)state;
	put_big("a");
	ohc_cache_open(scratch_dir, 200000, report(), &c);
	ohc_cache_put(c, NS, "b", "12345", 5);
	put_big("c");
	assert_growth("4000\n");
	ohc_cache_close(c);
	assert_growth("4005\n");
	ohc_cache_open(scratch_dir, 200000, report(), &c);
	ohc_cache_close(c); /* wrote nothing */
	assert_growth("4005\n");
}

static int many(void *ctx, size_t i, struct ohc_error *err)
{
	char key[16], text[16];

	(void)err;
	snprintf(key, sizeof(key), "%zu", i % 7);
	snprintf(text, sizeof(text), "value %zu", i % 7);
	put(ctx, key, text);
	return has(ctx, key, text) ? 0 : -OHC_E_FAILED;
}

static void test_threads_share_it(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *c = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_cache_open(scratch_dir, 0, report(), &c);
	assert_ok(ohc_parallel(100, 4, many, c, &err), &err);
	assert_int_equal(warnings, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_put_soon),
		TEST(test_put_soon_does_not_grow),
		TEST(test_no_cache_is_empty_and_forgets),
		TEST(test_default_places),
		TEST(test_damage_is_a_miss),
		TEST(test_what_cannot_be_written_is_one_warning),
		TEST(test_prune_removes_what_was_not_used_for_longest),
		TEST(test_prune_leaves_alone_what_is_not_of_a_cache),
		TEST(test_it_stays_bounded),
		TEST(test_runs_know_what_was_written_before),
		TEST(test_a_growth_that_is_no_number_is_not_known),
		TEST(test_two_runs_at_once_count_both),
		TEST(test_threads_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
