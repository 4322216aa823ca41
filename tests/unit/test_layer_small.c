// SPDX-License-Identifier: Apache-2.0
/* A layer in memory is the very one that the pipeline makes, on both sides of a block's end. */
#include "layout/layer/small.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/layer/entries.h"
#include "tests/unit/unit.h"

static struct ohc_error err;
static struct ohc_entries list;

static int setup(void **state)
{
	(void)state;
	err = (struct ohc_error)OHC_ERROR_INIT;
	memset(&list, 0, sizeof(list));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ohc_entries_clear(&list);
	return 0;
}

/* A file that makes the tar `size` bytes long: with its header and the archive's end, which fill
 * whole records of 10 KiB. */
static void fill_tar(size_t size)
{
	size_t n = size - 512 - 1024;
	ohc_cleanup(ohc_freep) char *data = ohc_xmalloc(n);
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1103515245 + 12345;
		data[i] = "0123456789abcdef"[x >> 28];
	}
	ohc_entries_file(&list, "/etc/big", 0644, 0, 0, data, n);
}

static void check_same(const struct ohc_codec *codec, uint64_t size)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_entries_write, &list, codec, 1);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf want = OHC_BUF_INIT, got = OHC_BUF_INIT;
	struct ohc_layer_result wanted, made;

	assert_ok(ohc_source_read_all(src, 1 << 26, &want, &err), &err);
	ohc_layer_result(src, &wanted);
	assert_ok(ohc_layer_small(ohc_entries_write, &list, codec, &got, &made, &err), &err);
	assert_string_equal(made.diff_id, wanted.diff_id);
	assert_int_equal(made.plain_size, wanted.plain_size);
	assert_int_equal(made.plain_size, size);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
}

static void same_as_the_pipeline(void **state)
{
	static const struct ohc_codec codecs[] = {
		{ OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, true },
		{ OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, true },
		{ OHC_COMPRESSION_ZSTD, OHC_LEVEL_DEFAULT, true },
	};
	/* nothing; less than a block; two and five blocks to the byte (2.5 MiB are whole records,
	 * too); a record more */
	const size_t record = 10240,
		     sizes[] = { record, 5 * OHC_CODEC_BLOCK, 5 * OHC_CODEC_BLOCK + record };

	(void)state;
	for (size_t c = 0; c < OHC_ARRAY_SIZE(codecs); c++) {
		for (size_t i = 0; i < OHC_ARRAY_SIZE(sizes); i++) {
			fill_tar(sizes[i]);
			check_same(&codecs[c], sizes[i]);
			ohc_entries_clear(&list);
		}
	}
}

static int refuse(void *ctx, struct ohc_tar_writer *w, struct ohc_error *e)
{
	(void)ctx;
	(void)w;
	return ohc_error_set(e, OHC_E_CHECK, "no");
}

static void a_failure_is_told(void **state)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, true };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_layer_result made;

	(void)state;
	assert_int_equal(ohc_layer_small(refuse, NULL, &codec, &got, &made, &err), -OHC_E_CHECK);
	assert_string_equal(err.msg, "no");
}

static size_t times;

static int count(void *ctx, struct ohc_tar_writer *w, struct ohc_error *e)
{
	times++;
	return ohc_entries_write(ctx, w, e);
}

/* The bytes that are kept are those of the codec that is asked for. */
static void get(struct ohc_layer_kept *kept, const struct ohc_codec *codec, size_t wanted_times)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf want = OHC_BUF_INIT, got = OHC_BUF_INIT;
	struct ohc_layer_result wanted, made;

	assert_ok(ohc_layer_small(ohc_entries_write, &list, codec, &want, &wanted, &err), &err);
	assert_ok(ohc_layer_kept_get(kept, count, &list, codec, &got, &made, &err), &err);
	assert_int_equal(times, wanted_times);
	assert_string_equal(made.diff_id, wanted.diff_id);
	assert_int_equal(made.plain_size, wanted.plain_size);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
}

static void one_that_is_kept_is_made_once(void **state)
{
	const struct ohc_codec gzip = { OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, true };
	const struct ohc_codec zstd = { OHC_COMPRESSION_ZSTD, OHC_LEVEL_DEFAULT, true };
	const struct ohc_codec best = { OHC_COMPRESSION_GZIP, 9, true };
	struct ohc_layer_kept kept = OHC_LAYER_KEPT_INIT;

	(void)state;
	times = 0;
	fill_tar(10 * 10240);
	get(&kept, &gzip, 1);
	get(&kept, &gzip, 1);
	get(&kept, &zstd, 2);
	get(&kept, &best, 3);
	get(&kept, &best, 3);
	ohc_layer_kept_clear(&kept);
}

static void a_failure_is_not_kept(void **state)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, true };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_layer_kept kept = OHC_LAYER_KEPT_INIT;
	struct ohc_layer_result made;

	(void)state;
	times = 0;
	assert_int_equal(ohc_layer_kept_get(&kept, refuse, NULL, &codec, &got, &made, &err),
			 -OHC_E_CHECK);
	assert_int_equal(got.len, 0);
	fill_tar(10240);
	get(&kept, &codec, 1);
	ohc_layer_kept_clear(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_as_the_pipeline, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_kept_is_made_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_is_not_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
