// SPDX-License-Identifier: Apache-2.0
/* Copying whole images: what an index lists, what refers to it, and what has gone over already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "images.h"
#include "oci/image/copy_image.h"

static struct ohc_error err;
static struct ohc_store *from, *to;

static int setup(void **state)
{
	images_setup(state);
	memset(&err, 0, sizeof(err));
	from = images_layout("from");
	to = images_layout("to");
	return 0;
}

static int teardown(void **state)
{
	ohc_store_close(from);
	ohc_store_close(to);
	return images_teardown(state);
}

static int copy(struct ohc_copy *c, const char *ref, const char *tag, struct ohc_descriptor *ret)
{
	c->from = from;
	c->to = to;
	c->jobs = 2;
	return ohc_copy_image(c, ref, &tag, tag ? 1 : 0, ret, &err);
}

static void test_one_image_under_many_tags(void **state)
{
	struct ohc_descriptor d = images_put(from, "a", "a", 1000), got;
	struct ohc_copy c = { .from = NULL };

	(void)state;
	assert_int_equal(copy(&c, "a", "x", &got), 0);
	assert_string_equal(got.digest, d.digest);
	assert_int_equal(c.total.manifests, 1);
	assert_int_equal(c.total.blobs[OHC_COPY_COPIED], 2);
	assert_true(c.total.bytes_moved > 1000 && c.total.bytes_moved < 1300);
	assert_int_equal(copy(&c, d.digest, "y", &got), 0);
	assert_int_equal(c.total.blobs[OHC_COPY_KEPT], 0); /* not even asked for */
	ohc_copy_clear(&c);
	assert_int_equal(ohc_store_finish(to, &err), 0);
	images_assert(to, "x", &d);
	images_assert(to, "y", &d);
}

/* An index within an index, one child listed twice. */
static void test_indexes(void **state)
{
	struct ohc_descriptor a = images_put(from, NULL, "a", 10);
	struct ohc_descriptor b = images_put(from, NULL, "b", 10), inner, outer, got;
	struct ohc_copy c = { .from = NULL };

	(void)state;
	inner = images_put_index(from, NULL, (struct ohc_descriptor[]){ a, b }, 2);
	outer = images_put_index(from, "i", (struct ohc_descriptor[]){ inner, a }, 2);
	assert_int_equal(copy(&c, "i", "i", &got), 0);
	assert_string_equal(got.digest, outer.digest);
	assert_int_equal(c.total.manifests, 4);
	ohc_copy_clear(&c);
	assert_int_equal(ohc_store_finish(to, &err), 0);
	images_assert(to, "i", &outer);
	images_assert(to, NULL, &outer); /* the children have no entries */
	images_assert(to, inner.digest, &inner);
	images_assert(to, a.digest, &a);
	images_assert(to, b.digest, &b);
}

static void test_index_that_lists_what_is_not_there(void **state)
{
	struct ohc_descriptor a, got;
	struct ohc_copy c = { .from = NULL };

	(void)state;
	ohc_descriptor_of(&a, OHC_MEDIA_OCI_MANIFEST, "x", 1);
	images_put_index(from, "i", &a, 1);
	assert_int_equal(copy(&c, "i", "i", &got), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "manifests[0] of index sha256:"));
	ohc_copy_clear(&c);
	ohc_store_close(to);
	assert_false(images_exists("to"));
	to = images_layout("to");
}

static void test_nesting_has_an_end(void **state)
{
	struct ohc_descriptor d = images_put(from, NULL, "a", 10), got;
	struct ohc_copy c = { .from = NULL };

	(void)state;
	for (int i = 0; i < 12; i++)
		d = images_put_index(from, i == 11 ? "deep" : NULL, &d, 1);
	assert_int_equal(copy(&c, "deep", "deep", &got), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "nested more than 8 deep"));
	ohc_copy_clear(&c);
}

static void test_referrers(void **state)
{
	struct ohc_descriptor image = images_put(from, "a", "a", 10), sbom, signature, got;
	struct ohc_copy c = { .referrers = true };

	(void)state;
	sbom = images_put_referrer(from, &image, "sbom");
	signature = images_put_referrer(from, &sbom, "signature of the sbom");
	images_put_referrer(from,
			    &(struct ohc_descriptor){ .media_type = OHC_MEDIA_OCI_MANIFEST,
						      .digest = "sha256:0" },
			    "of something else");
	assert_int_equal(ohc_store_finish(from, &err), 0);
	assert_int_equal(copy(&c, "a", "a", &got), 0);
	assert_int_equal(c.total.manifests, 3);
	ohc_copy_clear(&c);
	assert_int_equal(ohc_store_finish(to, &err), 0);
	images_assert(to, sbom.digest, &sbom);
	images_assert(to, signature.digest, &signature);
	c.convert = true;
	assert_int_equal(copy(&c, "a", "a", &got), -OHC_E_UNSUPPORTED);
	ohc_copy_clear(&c);
}

static void test_another_format(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor image = images_put(from, NULL, "a", 10), got, back, index;
	struct ohc_copy c = { .convert = true, .family = OHC_FAMILY_DOCKER };
	struct ohc_store *was = from;

	(void)state;
	index = images_put_index(from, "a", &image, 1);
	assert_int_equal(copy(&c, "a", "d", &got), 0);
	assert_string_equal(got.media_type, OHC_MEDIA_DOCKER_LIST);
	assert_string_not_equal(got.digest, index.digest);
	ohc_copy_clear(&c);
	assert_int_equal(ohc_store_get_manifest(to, "d", &doc, &err), 0);
	assert_non_null(strstr(doc.bytes.data, OHC_MEDIA_DOCKER_MANIFEST));
	from = to;
	c.family = OHC_FAMILY_OCI;
	assert_int_equal(copy(&c, "d", "o", &back), 0);
	from = was;
	assert_string_equal(back.media_type, OHC_MEDIA_OCI_INDEX);
	assert_int_equal(c.total.blobs[OHC_COPY_COPIED], 2); /* blobs are the same in all */
	ohc_copy_clear(&c);
}

/* A→B→A gives the same bytes, and what is damaged at the source does not arrive. */
static void test_damage(void **state)
{
	struct ohc_descriptor d = images_put(from, "a", "a", 1000), got;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *name = NULL;
	struct ohc_copy c = { .from = NULL };

	(void)state;
	assert_int_equal(ohc_store_get_manifest(from, "a", &doc, &err), 0);
	name = ohc_xasprintf("from/blobs/sha256/%s", d.digest + 7);
	doc.bytes.data[doc.bytes.len - 3] ^= 1;
	images_write(name, doc.bytes.data, doc.bytes.len);
	assert_int_equal(copy(&c, "a", "a", &got), -OHC_E_DIGEST);
	assert_int_equal(ohc_store_get_manifest(to, "a", &doc, &err), -OHC_E_NOT_FOUND);
	ohc_copy_clear(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_image_under_many_tags),
		TEST(test_indexes),
		TEST(test_index_that_lists_what_is_not_there),
		TEST(test_nesting_has_an_end),
		TEST(test_referrers),
		TEST(test_another_format),
		TEST(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
