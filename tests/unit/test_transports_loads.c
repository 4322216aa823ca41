// SPDX-License-Identifier: Apache-2.0
/* compose/transports/loads.h: what was read last is found, shared, and outlives its place. */
#include "unit.h"
#include "memory_store.h"

#include "compose/transports/loads.h"
#include "core/alloc.h"

static const struct ohc_platform amd64 = { .os = "linux", .arch = "amd64" };
static const struct ohc_platform arm64 = { .os = "linux", .arch = "arm64" };

static struct ohc_loaded load(struct ohc_store *s, const char *tag)
{
	struct ohc_loaded image = { .config = NULL };
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_load_image(s, tag, tag, &amd64, true, &image, &err), &err);
	return image;
}

static void test_shared(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	struct ohc_loads *l = ohc_loads_new();
	struct ohc_loaded image, a = { .config = NULL }, none = { .config = NULL };
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(s, "1", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	image = load(s, "1");
	assert_false(ohc_loads_find(l, image.root.digest, &amd64, &a));
	ohc_loads_keep(l, image.root.digest, &amd64, &image);
	ohc_loads_keep(l, image.root.digest, &amd64, &image); /* another thread read it, too */
	assert_false(ohc_loads_find(l, image.root.digest, &arm64, &none));
	assert_false(ohc_loads_find(l, SHA_A, &amd64, &none));
	assert_true(ohc_loads_find(l, image.root.digest, &amd64, &a));
	assert_ptr_equal(a.config, image.config);
	assert_string_equal(a.manifest.self.digest, image.manifest.self.digest);
	assert_int_equal(a.manifest.n_layers, 2);
	ohc_load_clear(&image);
	ohc_loads_free(l);
	assert_string_equal(a.manifest.layers[1].media_type, OHC_MEDIA_OCI_LAYER_GZIP);
	assert_ok(ohc_load_check(&a, "a", &amd64, &err), &err);
	assert_fails(ohc_load_check(&a, "a", &arm64, &err), OHC_E_NOT_FOUND, &err,
		     "'a' is an image for linux/amd64, not for linux/arm64");
	ohc_load_clear(&a);
	ohc_store_close(s);
}

static bool has(struct ohc_loads *l, unsigned int i)
{
	ohc_cleanup(ohc_load_clear) struct ohc_loaded image = { .config = NULL };
	ohc_cleanup(ohc_freep) char *digest = ohc_xasprintf("sha256:%064x", i);

	return ohc_loads_find(l, digest, &amd64, &image);
}

static void test_oldest_goes(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	struct ohc_loads *l = ohc_loads_new();
	struct ohc_loaded image;

	(void)state;
	memory_store_image(s, "1", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	image = load(s, "1");
	for (unsigned int i = 0; i < OHC_LOADS_MAX + 2; i++) {
		ohc_cleanup(ohc_freep) char *digest = ohc_xasprintf("sha256:%064x", i);

		assert_true(i == 0 || has(l, 0)); /* as a payload that all images want */
		ohc_loads_keep(l, digest, &amd64, &image);
	}
	assert_true(has(l, 0));
	assert_false(has(l, 1));
	assert_false(has(l, 2));
	assert_true(has(l, 3));
	assert_true(has(l, OHC_LOADS_MAX + 1));
	ohc_load_clear(&image);
	ohc_loads_free(l);
	ohc_loads_free(NULL);
	ohc_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
