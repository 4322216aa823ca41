// SPDX-License-Identifier: Apache-2.0
/* layout/rootfs/peek.h: each layer is read once, and only what was proved is kept. */
#include "unit.h"
#include "scratch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_store.h"
#include "tars.h"

#include "core/alloc.h"
#include "core/parallel.h"
#include "layout/rootfs/peek.h"

static struct ohc_error err;
static struct ohc_store *store;
static struct ohc_cache *cache;
static struct ohc_descriptor layers[3];

static void make_layer(struct ohc_buf *tar, struct ohc_descriptor *ret)
{
	tar_end(tar);
	ohc_descriptor_of(ret, OHC_MEDIA_OCI_LAYER, tar->data, tar->len);
	memory_store_raw(store, ret->digest, tar->data, tar->len);
	ohc_buf_clear(tar);
}

static int set_up(void **state)
{
	struct ohc_buf tar = OHC_BUF_INIT;

	if (scratch_make(state))
		return -1;
	ohc_cache_open(scratch_dir, 0, NULL, &cache);
	store = memory_store_new("mem");
	tar_file(&tar, "a", 0644, "");
	tar_file(&tar, "b", 0644, "");
	make_layer(&tar, &layers[0]);
	tar_whiteout(&tar, "a");
	make_layer(&tar, &layers[1]);
	layers[2] = layers[0];
	return 0;
}

static int tear_down(void **state)
{
	ohc_store_close(store);
	ohc_cache_close(cache);
	return scratch_remove(state);
}

static int peek_with(struct ohc_cache *c, const struct ohc_scan_hook *hook, size_t n,
		     struct ohc_rootfs **ret)
{
	struct ohc_peek_options o = { .cache = c, .hook = hook };
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *p = ohc_peek_new(&o);

	return ohc_peek_layers(p, store, layers, n, ret, &err);
}

static void assert_peek(size_t n, unsigned int reads, bool a, bool b)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;
	unsigned int before = memory_store_reads(store);
	struct ohc_rootfs_place p;

	assert_ok(peek_with(cache, NULL, n, &fs), &err);
	assert_int_equal(memory_store_reads(store) - before, reads);
	assert_int_equal(ohc_rootfs_layers(fs), n);
	ohc_rootfs_find(fs, "a", OHC_FOLLOW, &p);
	assert_int_equal(p.found == OHC_FOUND, a);
	ohc_rootfs_place_clear(&p);
	ohc_rootfs_find(fs, "b", OHC_FOLLOW, &p);
	assert_int_equal(p.found == OHC_FOUND, b);
	ohc_rootfs_place_clear(&p);
}

static void test_a_layer_is_read_once(void **state)
{
	(void)state;
	assert_peek(0, 0, false, false); /* scratch */
	assert_peek(1, 1, true, true);
	assert_peek(2, 1, false, true);
	assert_peek(3, 0, true, true);
	assert_peek(2, 0, false, true);
}

static void test_a_layer_that_is_there_twice_is_read_once(void **state)
{
	(void)state;
	assert_peek(3, 2, true, true);
}

static void test_without_a_cache(void **state)
{
	struct ohc_cache *mine = cache;

	(void)state;
	cache = NULL;
	assert_peek(3, 2, true, true);
	assert_peek(3, 2, true, true);
	cache = mine;
}

static void *begin_none(void *ctx, const char *path, const struct ohc_tar_entry *t,
			const struct ohc_layer_entry *before, const void *head, size_t n)
{
	(void)ctx, (void)path, (void)t, (void)before, (void)head, (void)n;
	return NULL;
}

static void test_another_hook_is_another_index(void **state)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;
	struct ohc_scan_hook hook = { .version = "elf1", .begin = begin_none };
	unsigned int before;

	(void)state;
	assert_peek(1, 1, true, true);
	before = memory_store_reads(store);
	assert_ok(peek_with(cache, &hook, 1, &fs), &err);
	assert_int_equal(memory_store_reads(store) - before, 1);
}

/* A blob that is not what its name promises leaves nothing behind. */
static void test_only_what_was_proved_is_kept(void **state)
{
	struct ohc_rootfs *fs = NULL;
	struct ohc_cache_info info;
	struct ohc_buf tar = OHC_BUF_INIT;

	(void)state;
	tar_file(&tar, "a", 0644, "");
	tar_file(&tar, "x", 0644, "");
	tar_end(&tar);
	memory_store_raw(store, layers[0].digest, tar.data, tar.len);
	assert_fails(peek_with(cache, NULL, 1, &fs), OHC_E_DIGEST, &err, layers[0].digest);
	memory_store_raw(store, layers[0].digest, tar.data, tar.len - 1);
	assert_fails(peek_with(cache, NULL, 1, &fs), OHC_E_DIGEST, &err, "fewer bytes");
	memory_store_remove(store, layers[0].digest);
	assert_fails(peek_with(cache, NULL, 1, &fs), OHC_E_NOT_FOUND, &err, layers[0].digest);
	assert_null(fs);
	assert_ok(ohc_cache_info(cache, &info, &err), &err);
	assert_int_equal(info.entries, 0);
	ohc_buf_clear(&tar);
}

/* An index that is damaged is made again. */
static void test_a_damaged_index(void **state)
{
	ohc_cleanup(ohc_freep) char *key =
		ohc_xasprintf(OHC_LAYER_INDEX_VERSION " - %s", layers[0].digest);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf index = OHC_BUF_INIT;

	(void)state;
	assert_peek(1, 1, true, true);
	assert_true(ohc_cache_get(cache, OHC_CACHE_LAYERS, key, 1 << 20, &index));
	ohc_cache_put(cache, OHC_CACHE_LAYERS, key, index.data, index.len - 1);
	assert_peek(1, 1, true, true);
	assert_peek(1, 0, true, true);
}

static void test_foreign_layers(void **state)
{
	struct ohc_rootfs *fs = NULL;

	(void)state;
	strcpy(layers[0].media_type, OHC_MEDIA_DOCKER_FOREIGN);
	assert_fails(peek_with(cache, NULL, 1, &fs), OHC_E_UNSUPPORTED, &err,
		     "registries do not hold");
}

static int peek_some(void *ctx, size_t i, struct ohc_error *e)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;

	return ohc_peek_layers(ctx, store, layers, 1 + i % 3, &fs, e);
}

static void test_many_images_that_share_layers(void **state)
{
	struct ohc_peek_options o = { .cache = cache };
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *p = ohc_peek_new(&o);

	(void)state;
	assert_ok(ohc_parallel(30, 4, peek_some, p, &err), &err);
	assert_int_equal(memory_store_reads(store), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_layer_is_read_once),
		TEST(test_a_layer_that_is_there_twice_is_read_once),
		TEST(test_without_a_cache),
		TEST(test_another_hook_is_another_index),
		TEST(test_only_what_was_proved_is_kept),
		TEST(test_a_damaged_index),
		TEST(test_foreign_layers),
		TEST(test_many_images_that_share_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
