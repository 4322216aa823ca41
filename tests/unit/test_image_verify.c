// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "memory_store.h"
#include "oci/documents/manifest.h"
#include "oci/image/verify.h"

static struct ohc_store *store;

static int make_store(void **state)
{
	(void)state;
	store = memory_store_new("mem");
	return 0;
}

static uint64_t plain_max; /* of a layer; 0: the default */

static int close_store(void **state)
{
	(void)state;
	ohc_store_close(store);
	return 0;
}

static void collect(void *ctx, const char *where, const char *message)
{
	ohc_buf_addf(ctx, "%s: %s\n", where, message);
}

static int verify(const char *ref, struct ohc_buf *found, struct ohc_verify_result *ret,
		  struct ohc_error *err)
{
	struct ohc_verify_options o = {
		.jobs = 3, .found = collect, .ctx = found, .plain_max = plain_max
	};

	return ohc_verify_image(store, ref, &o, ret, err);
}

/* Exactly one finding, at that place, that says so. */
static void check_one(const char *where, const char *message)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(verify("t", &found, &r, &err), &err);
	if (r.findings != 1 || strncmp(ohc_buf_str(&found), where, strlen(where)) != 0 ||
	    !strstr(ohc_buf_str(&found), message))
		fail_msg("%zu findings: %s", r.findings, ohc_buf_str(&found));
}

static struct ohc_manifest manifest(void)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_store_get_manifest(store, "t", &doc, &err), &err);
	assert_ok(ohc_manifest_parse(&doc, &m, &err), &err);
	return m;
}

/* Puts the manifest back as "t" after an edit of its JSON. */
static void put_back(struct ohc_manifest *m)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	ohc_manifest_write(m, &doc);
	assert_ok(ohc_store_put_manifest(store, "t", &doc, &err), &err);
	ohc_manifest_clear(m);
}

static void test_good(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	for (int family = OHC_FAMILY_OCI; family <= OHC_FAMILY_DOCKER; family++) {
		memory_store_image(store, "t", (enum ohc_family)family, "linux", "amd64", &d);
		assert_ok(verify("t", &found, &r, &err), &err);
		assert_string_equal(ohc_buf_str(&found), "");
		assert_string_equal(r.root.digest, d.digest);
		assert_int_equal(r.documents, 1);
		assert_int_equal(r.blobs, 3);
		assert_int_equal(r.skipped, 0);
		assert_int_equal(r.findings, 0);
		assert_int_equal(r.plain_bytes, 2 * MEMORY_STORE_TAR);
	}
}

static void test_not_there(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_fails(verify("nobody", &found, &r, &err), OHC_E_NOT_FOUND, &err, "nobody");
	assert_string_equal(ohc_buf_str(&found), "");
}

static void test_blobs(void **state)
{
	struct ohc_manifest m;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	memory_store_raw(store, m.layers[1].digest, "x", 1);
	check_one("layers[1] of manifest sha256:", "fewer bytes than");
	memory_store_remove(store, m.layers[1].digest);
	check_one("layers[1] of manifest sha256:", "has no 'sha256:");
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	memory_store_raw(store, m.config.digest, "{}", 2);
	check_one("config of manifest sha256:", "fewer bytes than");
	memory_store_remove(store, m.config.digest);
	check_one("config of manifest sha256:", "has no 'sha256:");
	ohc_manifest_clear(&m);
}

/* One changed byte in the middle spoils the gzip data too, which is no news. */
static void test_flipped_byte(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	assert_ok(ohc_store_read_blob(store, &m.layers[0], &b, &err), &err);
	for (size_t i = 0; i < b.len; i++) {
		b.data[i] ^= 0x40;
		memory_store_raw(store, m.layers[0].digest, b.data, b.len);
		check_one("layers[0] of manifest sha256:", "is not what its name promises");
		b.data[i] ^= 0x40;
	}
	ohc_manifest_clear(&m);
}

/* Bytes that are as promised, and no layer: cut gzip. */
static void test_damaged_layer(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_manifest m;
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *layers;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	assert_ok(ohc_store_read_blob(store, &m.layers[1], &b, &err), &err);
	assert_ok(ohc_store_put_bytes(store, b.data, b.len - 4, OHC_MEDIA_OCI_LAYER_GZIP, &d, &err),
		  &err);
	layers = json_object_get(m.doc, "layers");
	json_array_set_new(layers, 1, ohc_descriptor_json(&d));
	put_back(&m);
	check_one("layers[1] of manifest sha256:", "the layer: the gzip data is");
}

static void test_wrong_diff_id(void **state)
{
	struct ohc_manifest m;
	json_t *layers;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	layers = json_object_get(m.doc, "layers");
	json_array_set(layers, 1, json_array_get(layers, 0));
	put_back(&m);
	/* One blob in two places: its bytes are read once, so its second promise is compared. */
	check_one("layers[1] of manifest sha256:", "its diff ID is sha256:");

	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	layers = json_object_get(m.doc, "layers");
	json_array_append(layers, json_array_get(layers, 0));
	json_array_remove(layers, 0);
	put_back(&m);
	{
		ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
		struct ohc_verify_result r;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(verify("t", &found, &r, &err), &err);
		assert_int_equal(r.findings, 2);
		assert_non_null(strstr(found.data, "the diff ID in the config is sha256:"));
		/* In the image's order, whichever was read first. */
		assert_true(strstr(found.data, "layers[0]") < strstr(found.data, "layers[1]"));
	}
}

static void test_media_type_lies(void **state)
{
	static const struct {
		enum ohc_family family;
		const char *type, *want;
	} rows[] = {
		{ OHC_FAMILY_OCI, OHC_MEDIA_OCI_LAYER, "the compression is none, but it is gzip" },
		{ OHC_FAMILY_OCI, OHC_MEDIA_OCI_LAYER_ZSTD, "is zstd, but it is gzip" },
		{ OHC_FAMILY_DOCKER, OHC_MEDIA_DOCKER_LAYER_TAR, "is none, but it is gzip" },
		{ OHC_FAMILY_DOCKER, OHC_MEDIA_DOCKER_LAYER_ZSTD, "is zstd, but it is gzip" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_manifest m;

		memory_store_image(store, "t", rows[i].family, "linux", "amd64", NULL);
		m = manifest();
		json_object_set_new(json_array_get(json_object_get(m.doc, "layers"), 0),
				    "mediaType", json_string(rows[i].type));
		put_back(&m);
		check_one("layers[0] of manifest sha256:", rows[i].want);
	}
}

static void test_counts(void **state)
{
	struct ohc_manifest m;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	json_array_remove(json_object_get(m.doc, "layers"), 0);
	put_back(&m);
	check_one("config of manifest sha256:", "has 2 diff IDs for the 1 layers");
}

static void test_config_is_no_config(void **state)
{
	struct ohc_descriptor d;
	struct ohc_manifest m;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	memory_store_blob(store, OHC_MEDIA_OCI_CONFIG, "{\"os\":\n7}", &d);
	ohc_manifest_set_config(&m, &d);
	put_back(&m);
	check_one("config of manifest sha256:", "'os' is not a string");
}

static void test_artifact_and_foreign(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_descriptor config, blob;
	struct ohc_error err = OHC_ERROR_INIT;
	char *text;

	(void)state;
	memory_store_blob(store, OHC_MEDIA_OCI_EMPTY, "{}", &config);
	memory_store_blob(store, "text/plain", "hello", &blob);
	text = ohc_xasprintf("{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"config\":{"
			     "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2},\"layers\":[{"
			     "\"mediaType\":\"text/plain\",\"digest\":\"%s\",\"size\":5},{"
			     "\"mediaType\":\"" OHC_MEDIA_OCI_LAYER_ND "\",\"digest\":\"" SHA_A
			     "\",\"size\":77}],\"subject\":{\"mediaType\":\"a/b\",\"digest\":"
			     "\"" SHA_B "\",\"size\":1}}",
			     config.media_type, config.digest, blob.digest);
	memory_store_manifest(store, "t", "", text, NULL);
	free(text);
	assert_ok(verify("t", &found, &r, &err), &err);
	assert_string_equal(ohc_buf_str(&found), "");
	assert_int_equal(r.blobs, 2);
	assert_int_equal(r.skipped, 1);
	assert_int_equal(r.bytes, 7);
	memory_store_raw(store, blob.digest, "hellO", 5);
	check_one("layers[0] of manifest sha256:", "is not what its name promises");
}

static void add_entry(struct ohc_buf *b, const struct ohc_descriptor *d, const char *platform)
{
	ohc_buf_addf(b, "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld%s}",
		     b->len ? "," : "", d->media_type, d->digest, (long long)d->size, platform);
}

static void put_index(const struct ohc_buf *entries)
{
	char *text = ohc_xasprintf("{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_INDEX
				   "\",\"manifests\":[%s]}",
				   ohc_buf_str(entries));

	memory_store_manifest(store, "t", "", text, NULL);
	free(text);
}

#define PLATFORM(arch) ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" arch "\"}"
#define VARIANT(arch, variant)                                           \
	",\"platform\":{\"os\":\"linux\",\"architecture\":\"" arch "\"," \
	"\"variant\":\"" variant "\"}"

static void test_index(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf entries = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_descriptor amd64, arm64, arm, lie;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(store, NULL, OHC_FAMILY_OCI, "linux", "amd64", &amd64);
	memory_store_image(store, NULL, OHC_FAMILY_OCI, "linux", "arm64", &arm64);
	add_entry(&entries, &amd64, PLATFORM("amd64"));
	add_entry(&entries, &arm64, PLATFORM("arm64"));
	add_entry(&entries, &amd64, ""); /* again: read once */
	put_index(&entries);
	assert_ok(verify("t", &found, &r, &err), &err);
	assert_string_equal(ohc_buf_str(&found), "");
	assert_int_equal(r.documents, 3);
	assert_int_equal(r.blobs, 4); /* two configs, two layers that both share */

	ohc_buf_truncate(&entries, 0);
	add_entry(&entries, &amd64, PLATFORM("arm64"));
	put_index(&entries);
	check_one("manifests[0] of index sha256:",
		  "its platform is linux/arm64 here, and linux/amd64 in its config");

	/* A builder may leave the variant out of the config, but not write another one. */
	ohc_buf_truncate(&entries, 0);
	memory_store_image(store, NULL, OHC_FAMILY_OCI, "linux", "arm", &arm);
	add_entry(&entries, &arm, VARIANT("arm", "v6"));
	put_index(&entries);
	ohc_buf_truncate(&found, 0);
	assert_ok(verify("t", &found, &r, &err), &err);
	assert_string_equal(ohc_buf_str(&found), "");
	ohc_buf_truncate(&entries, 0);
	add_entry(&entries, &arm64, VARIANT("arm", "v7"));
	put_index(&entries);
	check_one("manifests[0] of index sha256:",
		  "its platform is linux/arm/v7 here, and linux/arm64 in its config");

	ohc_buf_truncate(&entries, 0);
	lie = amd64;
	lie.size++;
	add_entry(&entries, &arm64, PLATFORM("arm64"));
	add_entry(&entries, &lie, PLATFORM("amd64"));
	put_index(&entries);
	check_one("manifests[1] of index sha256:", "were promised");

	ohc_buf_truncate(&entries, 0);
	strcpy(lie.digest, SHA_A);
	add_entry(&entries, &lie, PLATFORM("amd64"));
	put_index(&entries);
	check_one("manifests[0] of index sha256:", "has no 'sha256:aaa");
}

static void test_root(void **state)
{
	struct ohc_descriptor d;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", &d);
	memory_store_raw(store, d.digest, "{", 1);
	check_one("'t'", "line 1");
	memory_store_manifest(store, "t", "", "{\"schemaVersion\":2,\"layers\":[]}", NULL);
	check_one("config of manifest sha256:", "is not a descriptor");
	memory_store_manifest(store, "t", "", "{\"schemaVersion\":2,\"manifests\":[1]}", NULL);
	check_one("manifests[0] of index sha256:", "is not a descriptor");
}

/* A broken connection is no fault of the image. */
static void test_no_connection(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	memory_store_break(store, m.layers[0].digest);
	assert_fails(verify("t", &found, &r, &err), OHC_E_NETWORK, &err, "broke");
	memory_store_break(store, m.config.digest);
	assert_fails(verify("t", &found, &r, &err), OHC_E_NETWORK, &err, "broke");
	memory_store_break(store, m.self.digest);
	assert_fails(verify("t", &found, &r, &err), OHC_E_NETWORK, &err, "broke");
	ohc_manifest_clear(&m);
}

static void test_bomb(void **state)
{
	/* A zstd frame of one run: 4 GiB of zeros in RLE blocks of 128 KiB, four bytes each. */
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	static const unsigned char head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38 };
	struct ohc_manifest m;
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_add(&b, head, sizeof(head));
	for (int i = 0; i < 32768; i++) {
		unsigned int h = 2u | 128u * 1024 << 3 | (i == 32767);
		unsigned char block[4] = { (unsigned char)h, (unsigned char)(h >> 8),
					   (unsigned char)(h >> 16), 0 };

		ohc_buf_add(&b, block, 4);
	}
	assert_ok(ohc_store_put_bytes(store, b.data, b.len, OHC_MEDIA_OCI_LAYER_ZSTD, &d, &err),
		  &err);
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	json_array_set_new(json_object_get(m.doc, "layers"), 1, ohc_descriptor_json(&d));
	put_back(&m);
	plain_max = 4u << 20;
	check_one("layers[1] of manifest sha256:", "larger than the limit of 4194304 bytes when");
	plain_max = 0;
}

/* Both sides of it. */
static void test_limit(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
	struct ohc_verify_result r;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	plain_max = MEMORY_STORE_TAR;
	assert_ok(verify("t", &found, &r, &err), &err);
	assert_int_equal(r.findings, 0);
	plain_max = MEMORY_STORE_TAR - 1;
	assert_ok(verify("t", &found, &r, &err), &err);
	assert_int_equal(r.findings, 2);
	plain_max = 0;
}

/* A layer that decompresses and fits its diff ID may still be no tar. */
static void test_layer_is_no_tar(void **state)
{
	char id[OHC_DIGEST_MAX], *text;
	struct ohc_descriptor layer, config;
	struct ohc_manifest m;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	m = manifest();
	memory_store_blob(store, OHC_MEDIA_OCI_LAYER, "no tar", &layer);
	snprintf(id, sizeof(id), "%s", layer.digest);
	text = ohc_xasprintf("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":"
			     "\"layers\",\"diff_ids\":[\"%s\"]}}",
			     id);
	memory_store_blob(store, OHC_MEDIA_OCI_CONFIG, text, &config);
	free(text);
	json_object_set_new(m.doc, "layers", json_pack("[o]", ohc_descriptor_json(&layer)));
	ohc_manifest_set_config(&m, &config);
	put_back(&m);
	check_one("layers[0] of manifest sha256:", "the layer is not a valid tar");
}

/* Artifacts as BuildKit, cosign and oras write them. */
static void test_artifacts_with_an_image_config(void **state)
{
	static const char *const configs[] = {
		"{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},\"rootfs\":{"
		"\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\"]}}",
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{"
		"\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\"]}}",
		"{\"architecture\":\"\",\"os\":\"\",\"config\":{},\"rootfs\":{"
		"\"type\":\"layers\",\"diff_ids\":[]}}",
		"{\"model_format\":\"gguf\"}",
		"{}",
		"",
	};
	static const char *const types[] = { "application/vnd.in-toto+json",
					     "application/vnd.dev.cosign.simplesigning.v1+json",
					     "application/vnd.ollama.image.model", "text/plain" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(configs); i++)
		for (size_t k = 0; k < OHC_ARRAY_SIZE(types); k++) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf found = OHC_BUF_INIT;
			struct ohc_verify_result r;
			struct ohc_descriptor blob;
			struct ohc_manifest m;
			struct ohc_error err = OHC_ERROR_INIT;

			memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
			m = manifest();
			memory_store_blob(store, types[k], "{\"a\":1}", &blob);
			json_object_set_new(m.doc, "layers",
					    json_pack("[o]", ohc_descriptor_json(&blob)));
			memory_store_blob(store, OHC_MEDIA_OCI_CONFIG, configs[i], &blob);
			ohc_manifest_set_config(&m, &blob);
			put_back(&m);
			assert_ok(verify("t", &found, &r, &err), &err);
			assert_string_equal(ohc_buf_str(&found), "");
			assert_int_equal(r.blobs, 2);
			memory_store_remove(store, blob.digest); /* whatever was in it */
			check_one("config of manifest sha256:", "has no 'sha256:");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_not_there, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_blobs, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_flipped_byte, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_damaged_layer, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_wrong_diff_id, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_media_type_lies, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_counts, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_config_is_no_config, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_artifact_and_foreign, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_index, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_root, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_no_connection, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_bomb, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_limit, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_layer_is_no_tar, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_artifacts_with_an_image_config, make_store,
						close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
