// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "memory_store.h"
#include "oci/documents/index.h"
#include "oci/image/resolve.h"

#define ENTRY(sha, more) \
	"{\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST "\",\"digest\":\"" sha "\",\"size\":7" more "}"
#define PLATFORM(os, arch) ",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\"}"
#define VARIANT(arch, variant) \
	",\"platform\":{\"os\":\"linux\",\"architecture\":\"" arch "\",\"variant\":\"" variant "\"}"

static int parse(const char *text, struct ohc_index *ret, struct ohc_error *err)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_INDEX, text, strlen(text));
	rc = ohc_index_parse(&doc, ret, err);
	ohc_document_clear(&doc);
	return rc;
}

static const char many[] = "{\"manifests\":["
	/* 0 */ ENTRY(SHA_A, PLATFORM("windows", "amd64")) ","
	/* 1 */ ENTRY(SHA_A, PLATFORM("unknown", "unknown")) ","
	/* 2 */ ENTRY(SHA_A, VARIANT("arm", "v6")) ","
	/* 3 */ ENTRY(SHA_A, VARIANT("amd64", "v3")) ","
	/* 4 */ ENTRY(SHA_A, PLATFORM("linux", "amd64")) ","
	/* 5 */ ENTRY(SHA_B, PLATFORM("linux", "amd64")) ","
	/* 6 */ ENTRY(SHA_A, VARIANT("arm64", "v8")) ","
	/* 7 */ ENTRY(SHA_A, VARIANT("arm", "v7")) ","
	/* 8 */ ENTRY(SHA_A, ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"x\"}") ","
	/* 9 */ ENTRY(SHA_A, PLATFORM("linux", "s390x") ",\"annotations\":{\"vnd.docker.reference."
							"type\":\"attestation-manifest\"}") "]}";

static void test_parse(void **state)
{
	struct ohc_index x;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(parse(many, &x, &err), &err);
	assert_int_equal(x.n, 10);
	assert_true(x.entries[1].attestation);
	assert_true(x.entries[9].attestation);
	assert_false(x.entries[0].attestation);
	assert_false(x.entries[8].has_platform);
	assert_string_equal(x.entries[8].tag, "x");
	assert_null(x.entries[0].tag);
	assert_string_equal(x.entries[6].platform.variant, ""); /* v8 is what no variant means */
	ohc_index_clear(&x);
	assert_ok(parse("{\"manifests\":null}", &x, &err), &err);
	assert_int_equal(x.n, 0);
	ohc_index_clear(&x);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{}", "no list of manifests" },
		{ "{\"manifests\":{}}", "'manifests' is not an array" },
		{ "{\"manifests\":[1]}", "manifests[0] of index sha256:" },
		{ "{\"manifests\":[{\"digest\":\"" SHA_A "\",\"size\":1}]}", "no mediaType" },
		{ "{\"manifests\":[" ENTRY(SHA_A, ",\"platform\":1") "]}", "'platform'" },
		{ "{\"manifests\":[" ENTRY(SHA_A, ",\"platform\":{\"os\":1}") "]}", "'os'" },
		{ "{\"manifests\":[" ENTRY(SHA_A, "") "," ENTRY(SHA_A, ",\"annotations\":[]") "]}",
		  "manifests[1]" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_index x = OHC_INDEX_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(parse(rows[i].text, &x, &err), OHC_E_FORMAT, &err, rows[i].message);
		assert_null(x.doc);
	}
}

static void test_choose(void **state)
{
	static const struct {
		const char *want;
		size_t entry;
	} rows[] = {
		{ "linux/amd64", 4 },    { "linux/amd64/v1", 4 }, { "linux/amd64/v2", 4 },
		{ "linux/amd64/v3", 3 }, { "linux/amd64/v4", 3 }, { "linux/arm64", 6 },
		{ "linux/aarch64", 6 },  { "linux/arm64/v8", 6 }, { "linux/arm", 7 },
		{ "linux/arm/v7", 7 },   { "linux/arm/v8", 7 },   { "linux/arm/v6", 2 },
		{ "windows/amd64", 0 },
	};
	struct ohc_index x;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(parse(many, &x, &err), &err);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		const struct ohc_index_entry *e = NULL;
		struct ohc_platform want;

		assert_ok(ohc_platform_parse(rows[i].want, &want, &err), &err);
		assert_ok(ohc_index_choose(&x, &want, "x", &e, &err), &err);
		assert_int_equal(e - x.entries, rows[i].entry);
	}
	ohc_index_clear(&x);
}

static void test_none(void **state)
{
	static const char *const wants[] = { "linux/s390x", "linux/arm/v5", "unknown/unknown" };
	struct ohc_index x;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(parse(many, &x, &err), &err);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(wants); i++) {
		const struct ohc_index_entry *e = NULL;
		struct ohc_platform want;

		assert_ok(ohc_platform_parse(wants[i], &want, &err), &err);
		assert_fails(ohc_index_choose(&x, &want, "'img'", &e, &err), OHC_E_NOT_FOUND, &err,
			     "it has windows/amd64, linux/arm/v6, linux/amd64/v3, linux/amd64, "
			     "linux/arm64, linux/arm/v7");
		assert_non_null(strstr(err.msg, wants[i]));
		assert_non_null(strstr(err.msg, "'img'"));
		assert_null(e);
	}
	ohc_index_clear(&x);
}

/* A long list is cut: the message must stay readable. */
static void test_none_of_many(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_platform want = { "linux", "amd64", "" };
	const struct ohc_index_entry *e;
	struct ohc_index x;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_adds(&b, "{\"manifests\":[");
	for (int i = 0; i < 100; i++)
		ohc_buf_addf(&b,
			     "%s{\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST "\",\"digest\":\"" SHA_A
			     "\",\"size\":7,\"platform\":{\"os\":\"os%d\",\"architecture\":\"x\"}}",
			     i ? "," : "", i);
	ohc_buf_adds(&b, "]}");
	assert_ok(parse(b.data, &x, &err), &err);
	assert_fails(ohc_index_choose(&x, &want, "x", &e, &err), OHC_E_NOT_FOUND, &err,
		     "os19/x, and more");
	ohc_index_clear(&x);
}

static int resolve(struct ohc_store *s, const char *ref, const char *platform,
		   char ret_digest[OHC_DIGEST_MAX], char ret_root[OHC_DIGEST_MAX],
		   struct ohc_error *err)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor root;
	struct ohc_platform want;
	int rc;

	assert_ok(ohc_platform_parse(platform, &want, err), err);
	rc = ohc_resolve_image(s, ref, &want, &doc, &root, NULL, err);
	if (rc == 0) {
		strcpy(ret_digest, doc.d.digest);
		strcpy(ret_root, root.digest);
	}
	ohc_document_clear(&doc);
	return rc;
}

static char *index_of(const struct ohc_descriptor *d, const char *more)
{
	return ohc_xasprintf("{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_INDEX
			     "\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":"
			     "%lld%s}]}",
			     d->media_type, d->digest, (long long)d->size, more);
}

static void test_resolve_manifest(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	char digest[OHC_DIGEST_MAX], root[OHC_DIGEST_MAX];
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(s, "a", OHC_FAMILY_OCI, "linux", "amd64", &d);
	assert_ok(resolve(s, "a", "linux/amd64", digest, root, &err), &err);
	assert_string_equal(digest, d.digest);
	assert_string_equal(root, d.digest);
	assert_ok(resolve(s, d.digest, "linux/riscv64", digest, root, &err), &err);
	assert_fails(resolve(s, "b", "linux/amd64", digest, root, &err), OHC_E_NOT_FOUND, &err,
		     "'b'");
	ohc_store_close(s);
}

/* Indexes around an image, with and without the platform said, down to the limit. */
static void test_resolve_nested(void **state)
{
	static const char *const says[] = { "", PLATFORM("linux", "arm64") };
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(says); i++) {
		struct ohc_store *s = memory_store_new("mem");
		char digest[OHC_DIGEST_MAX], root[OHC_DIGEST_MAX];
		struct ohc_descriptor image, d;

		memory_store_image(s, NULL, OHC_FAMILY_DOCKER, "linux", "arm64", &image);
		d = image;
		for (int depth = 1; depth <= 5; depth++) {
			char *text = index_of(&d, says[i]);

			memory_store_manifest(s, "x", OHC_MEDIA_OCI_INDEX, text, &d);
			free(text);
			if (depth == 5)
				break;
			assert_ok(resolve(s, "x", "linux/arm64", digest, root, &err), &err);
			assert_string_equal(digest, image.digest);
			assert_string_equal(root, d.digest);
			assert_fails(resolve(s, "x", "linux/amd64", digest, root, &err),
				     OHC_E_NOT_FOUND, &err, "'mem:x' has no image for platform");
		}
		assert_fails(resolve(s, "x", "linux/arm64", digest, root, &err), OHC_E_FORMAT, &err,
			     "nested more than 4 deep");
		ohc_store_close(s);
	}
}

static void test_resolve_wrong_child(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	char digest[OHC_DIGEST_MAX], root[OHC_DIGEST_MAX], *text;
	struct ohc_descriptor image, lie;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(s, NULL, OHC_FAMILY_OCI, "linux", "amd64", &image);
	lie = image;
	lie.size++;
	text = index_of(&lie, PLATFORM("linux", "amd64"));
	memory_store_manifest(s, "x", OHC_MEDIA_OCI_INDEX, text, NULL);
	free(text);
	assert_fails(resolve(s, "x", "linux/amd64", digest, root, &err), OHC_E_DIGEST, &err,
		     "were promised");

	lie = image;
	strcpy(lie.media_type, OHC_MEDIA_DOCKER_MANIFEST);
	text = index_of(&lie, PLATFORM("linux", "amd64"));
	memory_store_manifest(s, "x", OHC_MEDIA_OCI_INDEX, text, NULL);
	free(text);
	assert_fails(resolve(s, "x", "linux/amd64", digest, root, &err), OHC_E_FORMAT, &err,
		     "the index says");
	ohc_store_close(s);
}

/* An attestation whose config says the platform is no image of it. */
static void test_resolve_no_attestation(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX], root[OHC_DIGEST_MAX];
	struct ohc_descriptor attestation, image;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(s, NULL, OHC_FAMILY_OCI, "linux", "amd64", &attestation);
	memory_store_image(s, NULL, OHC_FAMILY_DOCKER, "linux", "amd64", &image);
	ohc_buf_addf(&b,
		     "{\"schemaVersion\":2,\"manifests\":["
		     "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld,\"annotations\":"
		     "{\"vnd.docker.reference.type\":\"attestation-manifest\"}},"
		     "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld}]}",
		     attestation.media_type, attestation.digest, (long long)attestation.size,
		     image.media_type, image.digest, (long long)image.size);
	memory_store_manifest(s, "x", OHC_MEDIA_OCI_INDEX, b.data, NULL);
	assert_ok(resolve(s, "x", "linux/amd64", digest, root, &err), &err);
	assert_string_equal(digest, image.digest);
	ohc_store_close(s);
}

/* An index of entries that say nothing costs a bounded number of requests. */
static void test_resolve_is_bounded(void **state)
{
	struct ohc_store *s = memory_store_new("mem");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX], root[OHC_DIGEST_MAX];
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(s, NULL, OHC_FAMILY_OCI, "linux", "amd64", &d);
	ohc_buf_adds(&b, "{\"schemaVersion\":2,\"manifests\":[");
	for (int i = 0; i < 1000; i++)
		ohc_buf_addf(&b, "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld}",
			     i ? "," : "", d.media_type, d.digest, (long long)d.size);
	ohc_buf_adds(&b, "]}");
	memory_store_manifest(s, "x", OHC_MEDIA_OCI_INDEX, b.data, NULL);
	assert_fails(resolve(s, "x", "linux/arm64", digest, root, &err), OHC_E_FORMAT, &err,
		     "more than 64 manifests");
	assert_in_range(memory_store_reads(s), 1, 200);
	ohc_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_none_of_many),
		cmocka_unit_test(test_resolve_manifest),
		cmocka_unit_test(test_resolve_nested),
		cmocka_unit_test(test_resolve_wrong_child),
		cmocka_unit_test(test_resolve_no_attestation),
		cmocka_unit_test(test_resolve_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
