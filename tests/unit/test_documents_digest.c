// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "oci/documents/descriptor.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_check(void **state)
{
	static const struct {
		const char *digest, *message; /* NULL: it is valid */
	} rows[] = {
		{ "sha256:" HEX64, NULL },
		{ "sha512:" HEX64 HEX64, NULL },
		{ "", "neither sha256 nor sha512" },
		{ "sha256", "neither sha256 nor sha512" },
		{ "sha384:" HEX64, "neither sha256 nor sha512" },
		{ "SHA256:" HEX64, "neither sha256 nor sha512" },
		{ " sha256:" HEX64, "neither sha256 nor sha512" },
		{ "sha256:", "64 lower-case hex" },
		{ "sha256:" HEX64 "0", "64 lower-case hex" },
		{ "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		  "64 lower-case hex" },
		{ "sha256:../../../../../../../../../../../../../../../../../../../../etc",
		  "64 lower-case hex" },
		{ "sha512:" HEX64, "128 lower-case hex" },
		{ "sha256:" HEX64 "\n", "64 lower-case hex" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		int rc = ohc_digest_check(rows[i].digest, "the thing", &err);

		assert_int_equal(ohc_digest_valid(rows[i].digest), rows[i].message == NULL);
		if (!rows[i].message) {
			assert_ok(rc, &err);
			continue;
		}
		assert_fails(rc, OHC_E_FORMAT, &err, rows[i].message);
		assert_non_null(strstr(err.msg, "the thing"));
	}
}

static void test_parts(void **state)
{
	char text[OHC_DIGEST_SHORT];

	(void)state;
	assert_int_equal(ohc_digest_algorithm("sha256:" HEX64), OHC_SHA256);
	assert_int_equal(ohc_digest_algorithm("sha512:" HEX64 HEX64), OHC_SHA512);
	assert_string_equal(ohc_digest_algorithm_name("sha512:" HEX64 HEX64), "sha512");
	assert_string_equal(ohc_digest_hex("sha256:" HEX64), HEX64);
	assert_string_equal(ohc_digest_short("sha256:" HEX64, text), "sha256:0123456789ab");
}

static void test_of(void **state)
{
	struct ohc_hash *h = ohc_hash_new(OHC_SHA512);
	char digest[OHC_DIGEST_MAX];

	(void)state;
	ohc_digest_of("abc", 3, digest);
	assert_string_equal(digest,
			    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
			    "f20015ad");
	ohc_digest_of(NULL, 0, digest);
	assert_string_equal(digest,
			    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
			    "7852b855");
	for (int again = 0; again < 2; again++) {
		ohc_hash_update(h, "a", 1);
		ohc_hash_update(h, "bc", 2);
		ohc_digest_end(h, OHC_SHA512, digest);
		assert_string_equal(
			digest,
			"sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
		ohc_hash_reset(h);
	}
	ohc_hash_free(h);
	ohc_hash_free(NULL);
}

static int parse(const char *text, struct ohc_descriptor *ret, struct ohc_error *err)
{
	json_t *obj = json_loads(text, JSON_DECODE_ANY, NULL);
	int rc;

	assert_non_null(obj);
	rc = ohc_descriptor_parse(obj, "layers[1]", ret, err);
	json_decref(obj);
	return rc;
}

static void test_descriptor(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d, e;
	json_t *obj;
	char *text;

	(void)state;
	assert_ok(parse("{\"size\":9223372036854775807,\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
			"\",\"x\":1}",
			&d, &err),
		  &err);
	assert_true(d.size == INT64_MAX);
	obj = ohc_descriptor_json(&d);
	text = ohc_json_text(obj);
	assert_string_equal(text, "{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
				  "\",\"size\":9223372036854775807}");
	assert_ok(parse(text, &e, &err), &err);
	assert_memory_equal(&d, &e, sizeof(d));
	free(text);
	json_decref(obj);
	ohc_descriptor_of(&d, "c/d", "abc", 3);
	assert_int_equal(d.size, 3);
	assert_string_equal(d.media_type, "c/d");
}

static void test_bad_descriptor(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "[]", "layers[1] is not a descriptor" },
		{ "{}", "digest" },
		{ "{\"digest\":\"" SHA_A "\"}", "no valid size" },
		{ "{\"digest\":\"" SHA_A "\",\"size\":-1}", "no valid size" },
		{ "{\"digest\":\"" SHA_A "\",\"size\":1.0}", "no valid size" },
		{ "{\"digest\":\"" SHA_A "\",\"size\":null}", "no valid size" },
		{ "{\"digest\":7,\"size\":1}", "'digest' is not a string" },
		{ "{\"digest\":\"" SHA_A "\",\"size\":1,\"mediaType\":[]}", "'mediaType'" },
		{ "{\"digest\":\"" SHA_A "\",\"size\":1,\"mediaType\":\"a\\r\\nb\"}",
		  "malformed media type" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_descriptor d = { .size = 42 };

		assert_fails(parse(rows[i].text, &d, &err), OHC_E_FORMAT, &err, rows[i].message);
		assert_int_equal(d.size, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_bad_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
