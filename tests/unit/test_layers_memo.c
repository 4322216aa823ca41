// SPDX-License-Identifier: Apache-2.0
/* compose/layers/memo.h: each thing that a layer's bytes depend on is in its key, and what was kept
 * is found again. */
#include "unit.h"
#include "scratch.h"

#include <stdlib.h>
#include <unistd.h>

#include "compose/layers/memo.h"
#include "compose/layers/places.h"
#include "core/alloc.h"

static struct ohc_cache *cache;

static int setup(void **state)
{
	if (scratch_make(state))
		return -1;
	ohc_cache_open(scratch_dir, 0, NULL, &cache);
	return cache ? 0 : -1;
}

static int teardown(void **state)
{
	ohc_cache_closep(&cache);
	return scratch_remove(state);
}

static const struct ohc_making_rules some_rules = {
	.uid = 1000,
	.gid = 1001,
	.mtime = OHC_MTIME_CLAMP,
	.time = 1700000000,
	.codec = { OHC_COMPRESSION_GZIP, 6, false },
};

static bool same_key(const struct ohc_making_rules *rules, const char *what)
{
	ohc_cleanup(ohc_freep) char *a = ohc_memo_key(&some_rules, "entries");
	ohc_cleanup(ohc_freep) char *b = ohc_memo_key(rules, what);

	return strcmp(a, b) == 0;
}

static void test_every_input_is_in_the_key(void **state)
{
	struct ohc_making_rules others[7];

	(void)state;
	assert_true(same_key(&some_rules, "entries"));
	assert_false(same_key(&some_rules, "others"));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		others[i] = some_rules;
	others[0].uid = 0;
	others[1].gid = 0;
	others[2].mtime = OHC_MTIME_PRESERVE;
	others[3].mtime = OHC_MTIME_EPOCH;
	others[4].time++;
	others[5].codec.compression = OHC_COMPRESSION_ZSTD;
	others[6].codec.level = 9;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		assert_false(same_key(&others[i], "entries"));
}

static void keep(const char *key, const char *diff_id, const char *repo)
{
	struct ohc_memo memo = { .key = NULL };
	struct ohc_descriptor d;

	ohc_descriptor_set(&d, OHC_MEDIA_OCI_LAYER_GZIP, SHA_A, 7);
	ohc_memo_look(&memo, cache, key);
	ohc_memo_keep(&memo, &d, diff_id, repo);
	ohc_memo_clear(&memo);
}

static void test_what_was_kept_is_found(void **state)
{
	struct ohc_memo memo = { .key = NULL };

	(void)state;
	ohc_memo_look(&memo, cache, "k");
	assert_false(memo.found);
	ohc_memo_clear(&memo);
	keep("k", SHA_B, "one.example/x");
	ohc_memo_look(&memo, cache, "k");
	assert_true(memo.found);
	assert_string_equal(memo.known.d.digest, SHA_A);
	assert_int_equal(memo.known.d.size, 7);
	assert_string_equal(memo.known.diff_id, SHA_B);
	assert_string_equal(memo.known.seen, "one.example/x\n");
	ohc_memo_clear(&memo);
	ohc_memo_look(&memo, cache, "another");
	assert_false(memo.found);
	ohc_memo_clear(&memo);
}

static void test_places_are_kept_once_and_the_last_first(void **state)
{
	struct ohc_memo memo = { .key = NULL };

	(void)state;
	keep("k", SHA_B, "one.example/x");
	keep("k", SHA_B, "two.example/x");
	keep("k", SHA_B, "one.example/x");
	ohc_memo_look(&memo, cache, "k");
	assert_string_equal(memo.known.seen, "one.example/x\ntwo.example/x\n");
	ohc_memo_clear(&memo);
}

/* The form of a note, which was also that of the cache once. */
static void test_places_in_the_object(void **state)
{
	static const char text[] = "{\"mediaType\":\"" OHC_MEDIA_OCI_LAYER_GZIP
				   "\",\"digest\":\"" SHA_A "\",\"size\":7,\"diffId\":\"" SHA_B
				   "\",\"places\":[\"one.example/x\",\"two.example/x\"]}";
	struct ohc_memo memo = { .key = NULL };

	(void)state;
	ohc_cache_put(cache, "payloads", "old", text, strlen(text));
	ohc_memo_look(&memo, cache, "old");
	assert_true(memo.found);
	assert_string_equal(memo.known.diff_id, SHA_B);
	assert_string_equal(memo.known.seen, "one.example/x\ntwo.example/x\n");
	ohc_memo_clear(&memo);
}

/* A prefix of a place is another one, and the oldest go. */
static void test_places(void **state)
{
	static const char two[] = "r.example/xy\n\nr.example/x"; /* as older versions ended them */
	ohc_cleanup(ohc_freep) char *places = ohc_places_with(two, NULL);
	size_t n = 0;

	(void)state;
	assert_string_equal(places, "r.example/xy\nr.example/x\n");
	assert_true(ohc_places_has(two, "r.example/x"));
	assert_true(ohc_places_has(two, "r.example/xy"));
	assert_false(ohc_places_has(two, "r.example/"));
	assert_false(ohc_places_has("", "r.example/x"));
	for (int i = 0; i < 2 * OHC_PLACES_MAX; i++) {
		ohc_cleanup(ohc_freep) char *repo = ohc_xasprintf("r.example/%d", i);
		char *more = ohc_places_with(places, repo);

		free(places);
		places = more;
	}
	assert_int_equal(strncmp(places, "r.example/127\nr.example/126\n", 28), 0);
	for (const char *p = places; *p; p = ohc_places_next(p), n++)
		assert_in_range(ohc_places_length(p), 12, 13);
	assert_int_equal(n, OHC_PLACES_MAX);
}

/* Another version's, or somebody's joke. */
static void test_what_is_no_diff_id_is_not_believed(void **state)
{
	struct ohc_memo memo = { .key = NULL };

	(void)state;
	keep("k", "sha256:../../etc/passwd", "one.example/x");
	ohc_memo_look(&memo, cache, "k");
	assert_false(memo.found);
	ohc_memo_clear(&memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_input_is_in_the_key),
		cmocka_unit_test_setup_teardown(test_what_was_kept_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places_are_kept_once_and_the_last_first, setup,
						teardown),
		cmocka_unit_test(test_places),
		cmocka_unit_test_setup_teardown(test_places_in_the_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_diff_id_is_not_believed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
