// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "oci/documents/manifest.h"

#define CONFIG                                                                       \
	"\"config\":{\"mediaType\":\"" OHC_MEDIA_OCI_CONFIG "\",\"digest\":\"" SHA_A \
	"\",\"size\":5}"
#define LAYER(sha) \
	"{\"mediaType\":\"" OHC_MEDIA_OCI_LAYER_GZIP "\",\"digest\":\"" sha "\",\"size\":7}"

static int parse(const char *text, const char *media_type, struct ohc_manifest *ret,
		 struct ohc_error *err)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, media_type, text, strlen(text));
	rc = ohc_manifest_parse(&doc, ret, err);
	ohc_document_clear(&doc);
	return rc;
}

static void test_parse(void **state)
{
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(parse("{" CONFIG ",\"layers\":[" LAYER(SHA_B) "," LAYER(SHA_C) "]}",
			OHC_MEDIA_OCI_MANIFEST, &m, &err),
		  &err);
	assert_int_equal(m.family, OHC_FAMILY_OCI);
	assert_string_equal(m.config.digest, SHA_A);
	assert_int_equal(m.config.size, 5);
	assert_int_equal(m.n_layers, 2);
	assert_string_equal(m.layers[1].digest, SHA_C);
	assert_string_equal(m.layers[0].media_type, OHC_MEDIA_OCI_LAYER_GZIP);
	ohc_manifest_clear(&m);
	assert_null(m.doc);

	assert_ok(parse("{" CONFIG ",\"layers\":[]}", OHC_MEDIA_DOCKER_MANIFEST, &m, &err), &err);
	assert_int_equal(m.family, OHC_FAMILY_DOCKER);
	assert_int_equal(m.n_layers, 0);
	ohc_manifest_clear(&m);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{", "line 1, column 1" },
		{ "[]", "not a JSON object" },
		{ "{}", "config of manifest" },
		{ "{\"config\":5}", "config of manifest" },
		{ "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A "\",\"size\":-1}}",
		  "no valid size" },
		{ "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
		  "\",\"size\":9223372036854775808}}",
		  "too big integer" },
		{ "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A "\",\"size\":1.5}}",
		  "no valid size" },
		{ "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A "\",\"size\":\"1\"}}",
		  "no valid size" },
		{ "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:../../etc\",\"size\":1}}",
		  "malformed digest" },
		{ "{\"config\":{\"digest\":\"" SHA_A "\",\"size\":1}}", "has no mediaType" },
		{ "{" CONFIG ",\"layers\":{}}", "'layers' is not an array" },
		{ "{" CONFIG ",\"layers\":[" LAYER(SHA_A) ",7]}", "layers[1] of manifest sha256:" },
		{ "{" CONFIG ",\"layers\":[" LAYER("md5:1") "]}", "layers[0] of manifest sha256:" },
		{ "{" CONFIG "," CONFIG "}", "duplicate object key" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_manifest m = OHC_MANIFEST_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(parse(rows[i].text, OHC_MEDIA_OCI_MANIFEST, &m, &err), OHC_E_FORMAT,
			     &err, rows[i].message);
		assert_null(m.doc);
	}
}

static void test_index_is_no_manifest(void **state)
{
	struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_fails(parse("{\"manifests\":[]}", OHC_MEDIA_OCI_INDEX, &m, &err), OHC_E_FORMAT, &err,
		     "not an image manifest");
}

static void test_too_many_layers(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_adds(&b, "{" CONFIG ",\"layers\":[");
	for (int i = 0; i < OHC_LAYERS_MAX; i++)
		ohc_buf_addf(&b, "%s", i ? "," LAYER(SHA_A) : LAYER(SHA_A));
	ohc_buf_adds(&b, "]}");
	assert_ok(parse(b.data, OHC_MEDIA_OCI_MANIFEST, &m, &err), &err);
	assert_int_equal(m.n_layers, OHC_LAYERS_MAX);
	ohc_manifest_clear(&m);
	ohc_buf_truncate(&b, b.len - 2);
	ohc_buf_adds(&b, "," LAYER(SHA_A) "]}");
	assert_fails(parse(b.data, OHC_MEDIA_OCI_MANIFEST, &m, &err), OHC_E_FORMAT, &err,
		     "4097 layers");
}

/* Unknown members stay where they are. */
static void test_edit(void **state)
{
	static const char before[] =
		"{\"schemaVersion\":2,\"x\":{\"y\":[1,null]},\"config\":{\"mediaType\":\"a/b\","
		"\"digest\":\"" SHA_A "\",\"size\":5,\"data\":\"aGVsbG8=\",\"urls\":[\"u\"]},"
		"\"layers\":[" LAYER(SHA_A) "],\"annotations\":{\"k\":\"v\"},\"z\":true}";
	static const char after[] =
		"{\"schemaVersion\":2,\"x\":{\"y\":[1,null]},\"config\":{\"mediaType\":\"c/d\","
		"\"digest\":\"" SHA_B "\",\"size\":6,\"urls\":[\"u\"]},"
		"\"layers\":[" LAYER(SHA_A) ",{\"mediaType\":\"e/f\",\"digest\":\"" SHA_C
					    "\",\"size\":9}],\"annotations\":{\"k\":\"v\",\"l\":"
					    "\"w\"},\"z\":true}";
	struct ohc_descriptor config, layer;
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;
	char digest[OHC_DIGEST_MAX];

	(void)state;
	ohc_descriptor_set(&config, "c/d", SHA_B, 6);
	ohc_descriptor_set(&layer, "e/f", SHA_C, 9);
	assert_ok(parse(before, OHC_MEDIA_DOCKER_MANIFEST, &m, &err), &err);
	ohc_manifest_set_config(&m, &config);
	ohc_manifest_add_layer(&m, &layer);
	ohc_manifest_annotate(&m, "l", "w");
	ohc_manifest_annotate(&m, "nothing", NULL);
	assert_string_equal(m.config.digest, SHA_B);
	assert_int_equal(m.n_layers, 2);
	assert_int_equal(m.layers[1].size, 9);

	ohc_manifest_write(&m, &doc);
	assert_string_equal(doc.bytes.data, after);
	assert_int_equal(doc.bytes.len, strlen(after));
	ohc_digest_of(after, strlen(after), digest);
	assert_string_equal(doc.d.digest, digest);
	assert_int_equal(doc.d.size, strlen(after));
	assert_string_equal(doc.d.media_type, OHC_MEDIA_DOCKER_MANIFEST);
	ohc_document_clear(&doc);

	ohc_manifest_annotate(&m, "k", NULL);
	ohc_manifest_annotate(&m, "l", NULL);
	assert_null(json_object_get(m.doc, "annotations"));
	ohc_manifest_clear(&m);
}

static void test_null_layers(void **state)
{
	struct ohc_descriptor layer;
	struct ohc_manifest m;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_descriptor_set(&layer, "e/f", SHA_C, 9);
	assert_ok(parse("{" CONFIG ",\"layers\":null}", OHC_MEDIA_OCI_MANIFEST, &m, &err), &err);
	assert_int_equal(m.n_layers, 0);
	ohc_manifest_add_layer(&m, &layer);
	assert_int_equal(json_array_size(json_object_get(m.doc, "layers")), 1);
	ohc_manifest_clear(&m);
}

static void test_init(void **state)
{
	struct ohc_descriptor config;
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_manifest m;

	(void)state;
	ohc_descriptor_set(&config, OHC_MEDIA_OCI_CONFIG, SHA_B, 6);
	ohc_manifest_init(&m, OHC_FAMILY_OCI);
	ohc_manifest_set_config(&m, &config);
	ohc_manifest_write(&m, &doc);
	assert_string_equal(doc.bytes.data,
			    "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST
			    "\",\"config\":{\"mediaType\":\"" OHC_MEDIA_OCI_CONFIG
			    "\",\"digest\":\"" SHA_B "\",\"size\":6},\"layers\":[]}");
	ohc_document_clear(&doc);
	ohc_manifest_clear(&m);
	ohc_manifest_init(&m, OHC_FAMILY_DOCKER);
	assert_string_equal(m.self.media_type, OHC_MEDIA_DOCKER_MANIFEST);
	ohc_manifest_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_index_is_no_manifest),
		cmocka_unit_test(test_too_many_layers),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_null_layers),
		cmocka_unit_test(test_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
