// SPDX-License-Identifier: Apache-2.0
/* gc: what nothing refers to goes, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/newfile.h"
#include "images.h"
#include "oci/dir/gc.h"
#include "oci/dir/dir.h"
#include "oci/documents/index_json.h"

static struct ohc_error err;

static void close_finished(struct ohc_store *s)
{
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
}

static int gc(bool dry_run, struct ohc_gc_result *r)
{
	struct ohc_gc_options o = { .dry_run = dry_run, .no_wait = true };

	return ohc_dir_gc(images_path("l"), &o, r, &err);
}

static void test_what_is_left_goes(void **state)
{
	struct ohc_store *s = images_layout("l");
	struct ohc_descriptor now, child, index, sbom;
	struct ohc_gc_result r;

	(void)state;
	images_put(s, "t", "before", 1000); /* manifest, config and layer go */
	now = images_put(s, "t", "now", 1000);
	child = images_put(s, NULL, "child", 10);
	index = images_put_index(s, "i", &child, 1);
	sbom = images_put_referrer(s, &now, "sbom");
	assert_int_equal(ohc_store_put_bytes(s, "alone", 5, "x/y", NULL, &err), 0);
	close_finished(s);
	images_write("l/" OHC_TMP_PREFIX "1", "x", 1);
	images_write("l/blobs/" OHC_TMP_PREFIX "2", "x", 1);
	images_write("l/blobs/sha256/README", "a stranger's", 12);

	assert_int_equal(gc(true, &r), 0);
	assert_int_equal(r.removed, 6);
	assert_true(images_exists("l/" OHC_TMP_PREFIX "1"));
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 6);
	assert_true(r.removed_bytes > 1007);
	assert_int_equal(r.kept, 9); /* two images, the index, the sbom and its "{}" */
	assert_false(images_exists("l/" OHC_TMP_PREFIX "1"));
	assert_false(images_exists("l/blobs/" OHC_TMP_PREFIX "2"));
	assert_true(images_exists("l/blobs/sha256/README"));
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 0);

	s = images_layout("l");
	images_assert(s, "t", &now);
	images_assert(s, "i", &index);
	images_assert(s, child.digest, &child);
	images_assert(s, sbom.digest, &sbom);
	close_finished(s);
}

static void test_not_beside_others(void **state)
{
	struct ohc_store *s = images_layout("l"), *reader = NULL;
	struct ohc_gc_result r;

	(void)state;
	images_put(s, "t", "a", 10);
	assert_int_equal(gc(false, &r), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "is in use: try again"));
	close_finished(s);
	assert_int_equal(ohc_dir_open(images_path("l"), OHC_LAYOUT_READ, NULL, &reader, &err), 0);
	assert_int_equal(gc(false, &r), -OHC_E_FAILED);
	ohc_store_close(reader);
	assert_int_equal(gc(false, &r), 0);
}

static void test_damaged_manifest_stops_it(void **state)
{
	struct ohc_store *s = images_layout("l");
	struct ohc_descriptor d = images_put(s, "t", "a", 10);
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("l/blobs/sha256/%s", d.digest + 7);
	struct ohc_gc_result r;

	(void)state;
	close_finished(s);
	images_write(name, "{}", 2);
	assert_int_equal(gc(false, &r), -OHC_E_DIGEST);
	assert_non_null(strstr(err.msg, "nothing was removed"));
	assert_int_equal(unlink(images_path(name)), 0);
	assert_int_equal(gc(false, &r), 0); /* a missing one leads nowhere */
	assert_int_equal(r.removed, 2);
}

/* A blob of the layout that an image stands in already. */
static void write_blob(const char *text, char digest[OHC_DIGEST_MAX])
{
	ohc_cleanup(ohc_freep) char *name = NULL;

	ohc_digest_of(text, strlen(text), digest);
	name = ohc_xasprintf("l/blobs/sha256/%s", digest + 7);
	images_write(name, text, strlen(text));
}

static void list_alone(const char *media_type, const char *digest)
{
	ohc_cleanup(ohc_freep) char *index =
		ohc_xasprintf("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\","
			      "\"digest\":\"%s\",\"size\":1}]}",
			      media_type, digest);

	images_write("l/index.json", index, strlen(index));
}

static void make_layout(void)
{
	struct ohc_store *s = images_layout("l");

	images_put(s, "t", "a", 10);
	close_finished(s);
}

/* text with its "%s" replaced */
static char *replace(const char *text, const char *by)
{
	const char *at = strstr(text, "%s");

	return ohc_xasprintf("%.*s%s%s", (int)(at - text), text, by, at + 2);
}

#define REFERENCE "{\"digest\":\"%s\",\"mediaType\":\"x/y\",\"size\":4}"

static void test_all_kinds_of_documents(void **state)
{
	static const struct {
		const char *media_type, *text;
	} rows[] = {
		{ "application/vnd.oci.artifact.manifest.v1+json", "{\"blobs\":[" REFERENCE "]}" },
		{ "application/vnd.cncf.oras.artifact.manifest.v1+json",
		  "{\"blobs\":[" REFERENCE "],\"subject\":null}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"config\":" REFERENCE ",\"layers\":null}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"config\":null,\"layers\":[" REFERENCE "]}" },
		{ OHC_MEDIA_DOCKER_SCHEMA1, "{\"fsLayers\":[{\"blobSum\":\"%s\"}]}" },
		{ "", "{\"layers\":[" REFERENCE "]}" },
		{ "text/plain", "{\"layers\":[" REFERENCE "]}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"config\":{},\"Layers\":[" REFERENCE "]}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"config\":{\"Digest\":\"%s\"},\"layers\":[]}" },
		{ OHC_MEDIA_OCI_MANIFEST,
		  "{\"config\":{},\"layers\":null,\"new\":{\"a\":[[\"%s\"]]}}" },
	};
	char blob[OHC_DIGEST_MAX], digest[OHC_DIGEST_MAX];
	struct ohc_gc_result r;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *text = NULL, *name = NULL;

		make_layout();
		write_blob("blob", blob);
		text = replace(rows[i].text, blob);
		write_blob(text, digest);
		list_alone(rows[i].media_type, digest);
		assert_int_equal(gc(false, &r), 0);
		assert_int_equal(r.kept, 2);
		name = ohc_xasprintf("l/blobs/sha256/%s", blob + 7);
		assert_true(images_exists(name));
	}
}

/* Annotations tell of other images, and who refers to an image does not keep it. */
static void test_what_refers_without_keeping(void **state)
{
	static const struct {
		const char *text;
		unsigned int kept; /* a referrer goes with what it is about */
	} rows[] = {
		{ "{\"layers\":[],\"subject\":" REFERENCE "}", 0 },
		{ "{\"blobs\":[],\"subject\":" REFERENCE "}", 0 },
		{ "{\"layers\":[],\"annotations\":{\"of.the.base\":\"%s\"}}", 1 },
		{ "{\"layers\":[],\"config\":{\"annotations\":{\"a\":\"%s\"}}}", 1 },
	};
	char blob[OHC_DIGEST_MAX], digest[OHC_DIGEST_MAX];
	struct ohc_gc_result r;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *text = NULL, *name = NULL;

		make_layout();
		write_blob("blob", blob);
		text = replace(rows[i].text, blob);
		write_blob(text, digest);
		list_alone(OHC_MEDIA_OCI_MANIFEST, digest);
		assert_int_equal(gc(false, &r), 0);
		assert_int_equal(r.kept, rows[i].kept);
		name = ohc_xasprintf("l/blobs/sha256/%s", blob + 7);
		assert_false(images_exists(name));
	}
}

static size_t count_entries(void)
{
	ohc_cleanup(ohc_json_decref) json_t *index =
		json_load_file(images_path("l/index.json"), 0, NULL);

	return json_array_size(json_object_get(index, "manifests"));
}

/* Turns the order of the entries round, and gives the last one a tag. */
static void turn_and_name_the_last(const char *tag)
{
	ohc_cleanup(ohc_json_decref) json_t *index =
		json_load_file(images_path("l/index.json"), 0, NULL);
	json_t *turned = json_array(), *entry;
	size_t i;

	json_array_foreach (json_object_get(index, "manifests"), i, entry)
		json_array_insert(turned, 0, entry);
	json_object_set_new(json_array_get(turned, 0), "annotations",
			    json_pack("{s:s}", OHC_REF_NAME, tag));
	json_object_set_new(index, "manifests", turned);
	assert_int_equal(json_dump_file(index, images_path("l/index.json"), 0), 0);
}

/* Goes with the image, and not before; so does what hangs on a referrer. */
static void test_referrers_go_with_their_image(void **state)
{
	struct ohc_descriptor image, sbom, named;
	struct ohc_gc_result r;
	struct ohc_store *s = images_layout("l");

	(void)state;
	image = images_put(s, "t", "before", 10);
	sbom = images_put_referrer(s, &image, "sbom");
	images_put_referrer(s, &sbom, "signature");
	named = images_put_referrer(s, &image, "named");
	close_finished(s);
	turn_and_name_the_last("mine");
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 0);
	assert_int_equal(count_entries(), 4);

	s = images_layout("l");
	images_put(s, "t", "now", 10);
	close_finished(s);
	assert_int_equal(gc(true, &r), 0);
	assert_int_equal(r.removed, 5); /* three of the image; two manifests, not their "{}" */
	assert_int_equal(count_entries(), 4);
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 5);
	assert_int_equal(count_entries(), 2);

	s = images_layout("l");
	images_assert(s, "mine", &named);
	close_finished(s);
}

/* It was brought without its image, or its image went before: whether anybody wants it is not
 * known. */
static void test_referrer_alone_stays(void **state)
{
	struct ohc_store *s = images_layout("l");
	struct ohc_descriptor elsewhere = images_put(s, "t", "a", 10), sbom;
	struct ohc_gc_result r;

	(void)state;
	elsewhere.digest[70] ^= 1;
	sbom = images_put_referrer(s, &elsewhere, "sbom");
	close_finished(s);
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 0);
	s = images_layout("l");
	images_assert(s, sbom.digest, &sbom);
	close_finished(s);
}

/* A manifest that an artifact carries as a blob, and an index lists after it. */
static void test_blob_that_is_a_manifest_too(void **state)
{
	ohc_cleanup(ohc_freep) char *as_blob = NULL, *index = NULL;
	char manifest[OHC_DIGEST_MAX], blob[OHC_DIGEST_MAX], digest[OHC_DIGEST_MAX];
	ohc_cleanup(ohc_freep) char *text = NULL, *name = NULL;
	struct ohc_gc_result r;

	(void)state;
	make_layout();
	write_blob("blob", blob);
	text = replace("{\"layers\":[" REFERENCE "]}", blob);
	write_blob(text, manifest);
	as_blob = replace("{\"layers\":[" REFERENCE "]}", manifest);
	write_blob(as_blob, digest);
	index = ohc_xasprintf("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":1},"
			      "{\"digest\":\"%s\",\"size\":1}]}",
			      digest, manifest);
	images_write("l/index.json", index, strlen(index));
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.kept, 3);
	name = ohc_xasprintf("l/blobs/sha256/%s", blob + 7);
	assert_true(images_exists(name));
}

/* Whatever it refers to would be gone, if it were taken for one that leads nowhere. */
static void test_what_cannot_be_parsed_stops_it(void **state)
{
	static const struct {
		const char *media_type, *text;
	} rows[] = {
		{ OHC_MEDIA_OCI_MANIFEST, "{\"a\":1,\"a\":1}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"a\":\"\\u0000\"}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"a\":123456789012345678901234567890}" },
		{ OHC_MEDIA_OCI_MANIFEST, "not JSON at all" },
		{ OHC_MEDIA_OCI_MANIFEST, "[]" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"layers\":{}}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"layers\":[1]}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"config\":[]}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"manifests\":[{}]}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"manifests\":[{\"digest\":\"sha384:00\"}]}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"manifests\":[{\"digest\":1}]}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"Manifests\":[]}" },
		{ OHC_MEDIA_OCI_INDEX, "{\"manifests\":[],\"Manifests\":[]}" },
		{ OHC_MEDIA_OCI_MANIFEST, "{\"layers\":[],\"MANIFESTS\":[]}" },
		{ "application/vnd.unknown+json", "{\"a\":1,\"a\":1}" },
		{ "", "not JSON" },
		{ "text/plain", " {\"a\":1,\"a\":1}" },
	};
	char digest[OHC_DIGEST_MAX];
	struct ohc_gc_result r;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		make_layout();
		write_blob(rows[i].text, digest);
		list_alone(rows[i].media_type, digest);
		assert_int_equal(gc(true, &r), -OHC_E_FORMAT);
		assert_int_equal(gc(false, &r), -OHC_E_FORMAT);
		assert_non_null(strstr(err.msg, "nothing was removed"));
	}
	write_blob("<xml>", digest);
	list_alone("application/xml", digest);
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.kept, 1);
	list_alone(OHC_MEDIA_OCI_MANIFEST, "blake3:00");
	assert_int_equal(gc(false, &r), -OHC_E_FORMAT);
}

/* Both sides of our own limits. */
static void test_large_documents(void **state)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	char digest[OHC_DIGEST_MAX];
	struct ohc_gc_result r;

	(void)state;
	make_layout();
	text = ohc_xasprintf("{\"a\":\"%*s\"}", (int)OHC_DOCUMENT_MAX - 8, "");
	write_blob(text, digest);
	list_alone(OHC_MEDIA_OCI_MANIFEST, digest);
	assert_int_equal(gc(true, &r), 0);
	free(text);
	text = ohc_xasprintf("{\"a\":\"%*s\"}", (int)OHC_DOCUMENT_MAX - 7, "");
	write_blob(text, digest);
	list_alone(OHC_MEDIA_OCI_MANIFEST, digest);
	assert_int_equal(gc(false, &r), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "is too large, so what it refers to is not known"));
	list_alone("application/octet-stream", digest);
	assert_int_equal(gc(false, &r), -OHC_E_FORMAT); /* it looks like one */
	text[0] = ' ';
	text[1] = '1';
	write_blob(text, digest);
	list_alone("application/octet-stream", digest);
	assert_int_equal(gc(false, &r), 0);
}

/* Another layout may have its blobs there, too. */
static void test_blobs_behind_a_link(void **state)
{
	static const char *const dirs[] = { "l/blobs/sha256", "l/blobs" };
	struct ohc_gc_result r;

	(void)state;
	make_layout();
	images_write("l/blobs/sha256/" OHC_TMP_PREFIX "1", "x", 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		const char *real = images_path("elsewhere");

		assert_int_equal(rename(images_path(dirs[i]), real), 0);
		assert_int_equal(symlink(real, images_path(dirs[i])), 0);
		assert_int_equal(gc(false, &r), -OHC_E_UNSUPPORTED);
		assert_non_null(strstr(err.msg, "is a symbolic link"));
		assert_non_null(strstr(err.msg, "nothing was removed"));
		assert_true(images_exists("l/blobs/sha256/" OHC_TMP_PREFIX "1"));
		assert_int_equal(unlink(images_path(dirs[i])), 0);
		assert_int_equal(rename(real, images_path(dirs[i])), 0);
	}
	assert_int_equal(gc(false, &r), 0);
	assert_int_equal(r.removed, 1);
}

static void test_no_layout(void **state)
{
	struct ohc_gc_result r;

	(void)state;
	assert_int_equal(gc(false, &r), -OHC_E_NOT_FOUND);
	assert_int_equal(ohc_file_mkdirs(images_path("l"), 0755, &err), 0);
	assert_int_equal(gc(false, &r), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "it has no 'oci-layout' file"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, images_setup, images_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_left_goes),
		TEST(test_not_beside_others),
		TEST(test_damaged_manifest_stops_it),
		TEST(test_all_kinds_of_documents),
		TEST(test_what_refers_without_keeping),
		TEST(test_referrers_go_with_their_image),
		TEST(test_referrer_alone_stays),
		TEST(test_blob_that_is_a_manifest_too),
		TEST(test_what_cannot_be_parsed_stops_it),
		TEST(test_large_documents),
		TEST(test_blobs_behind_a_link),
		TEST(test_no_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
