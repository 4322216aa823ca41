// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "oci/image/convert.h"

#define D(type, sha, more) "{\"mediaType\":\"" type "\",\"digest\":\"" sha "\",\"size\":7" more "}"
#define MANIFEST(type, config, layers, more)                                 \
	"{\"schemaVersion\":2,\"mediaType\":\"" type "\",\"config\":" config \
	",\"layers\":[" layers "]" more "}"
#define INDEX(type, entries, more) \
	"{\"schemaVersion\":2,\"mediaType\":\"" type "\",\"manifests\":[" entries "]" more "}"
#define TWO(a, b)      a "," b
#define THREE(a, b, c) a "," b "," c
#define ANNOTATIONS    ",\"annotations\":{\"k\":\"v\"}"
#define AMD64          ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}"

static struct ohc_document document(const char *text)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	json_t *j = json_loads(text, 0, NULL);
	const char *media_type = json_string_value(json_object_get(j, "mediaType"));

	assert_non_null(media_type);
	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, media_type, text, strlen(text));
	json_decref(j);
	return doc;
}

static void add_lost(void *ctx, const char *what)
{
	ohc_buf_addf(ctx, "%s;", what);
}

/* Converts the manifest, and compares what comes out and what was lost. */
static void check_manifest(const char *from, enum ohc_family to, const char *want, const char *lost)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = document(from);
	ohc_cleanup(ohc_document_clear) struct ohc_document got = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	char digest[OHC_DIGEST_MAX];

	assert_ok(ohc_convert_manifest(&doc, to, add_lost, &b, &got, &err), &err);
	assert_string_equal(got.bytes.data, want);
	assert_string_equal(ohc_buf_str(&b), lost);
	assert_int_equal(ohc_media_family(got.d.media_type), to);
	ohc_digest_of(want, strlen(want), digest);
	assert_string_equal(got.d.digest, digest);
	assert_int_equal(got.d.size, strlen(want));
}

#define URLS ",\"urls\":[\"u\"]"
#define X    ",\"x\":1"

static const char oci[] =
	MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
		 TWO(THREE(D(OHC_MEDIA_OCI_LAYER_GZIP, SHA_A, ""), D(OHC_MEDIA_OCI_LAYER, SHA_B, X),
			   D(OHC_MEDIA_OCI_LAYER_ND "+gzip", SHA_C, URLS)),
		     D(OHC_MEDIA_OCI_LAYER_ND, SHA_C, "")),
		 ",\"y\":null");
static const char docker[] = MANIFEST(
	OHC_MEDIA_DOCKER_MANIFEST, D(OHC_MEDIA_DOCKER_CONFIG, SHA_A, ""),
	TWO(THREE(D(OHC_MEDIA_DOCKER_LAYER, SHA_A, ""), D(OHC_MEDIA_DOCKER_LAYER_TAR, SHA_B, X),
		  D(OHC_MEDIA_DOCKER_FOREIGN, SHA_C, URLS)),
	    D(OHC_MEDIA_DOCKER_FOREIGN_TAR, SHA_C, "")),
	",\"y\":null");

static void test_both_ways(void **state)
{
	(void)state;
	check_manifest(oci, OHC_FAMILY_DOCKER, docker, "");
	check_manifest(docker, OHC_FAMILY_OCI, oci, "");
}

static void test_same_family_same_bytes(void **state)
{
	static const char spaced[] =
		" " MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_EMPTY, SHA_A, ""),
			     D("text/plain", SHA_A, ""), ANNOTATIONS) "\n";

	(void)state;
	check_manifest(spaced, OHC_FAMILY_OCI, spaced, "");
	check_manifest(docker, OHC_FAMILY_DOCKER, docker, "");
}

#define SUBJECT ",\"subject\":" D(OHC_MEDIA_OCI_MANIFEST, SHA_C, "") ",\"artifactType\":\"a/b\""

static void test_what_is_lost(void **state)
{
	static const char from[] =
		MANIFEST(OHC_MEDIA_OCI_MANIFEST,
			 D(OHC_MEDIA_OCI_CONFIG, SHA_A, ",\"data\":\"e30=\"" ANNOTATIONS),
			 TWO(D(OHC_MEDIA_OCI_LAYER_GZIP, SHA_A, ""),
			     D(OHC_MEDIA_OCI_LAYER_GZIP, SHA_B, ANNOTATIONS)),
			 SUBJECT ANNOTATIONS);
	static const char want[] = MANIFEST(
		OHC_MEDIA_DOCKER_MANIFEST, D(OHC_MEDIA_DOCKER_CONFIG, SHA_A, ""),
		TWO(D(OHC_MEDIA_DOCKER_LAYER, SHA_A, ""), D(OHC_MEDIA_DOCKER_LAYER, SHA_B, "")),
		"");

	(void)state;
	check_manifest(from, OHC_FAMILY_DOCKER, want,
		       "annotations of config;annotations of layers[1];annotations of the manifest;"
		       "subject of the manifest;artifactType of the manifest;");
}

/* Some tools put OCI layers into Docker manifests. */
static void test_mixed(void **state)
{
	(void)state;
	check_manifest(MANIFEST(OHC_MEDIA_DOCKER_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
				D(OHC_MEDIA_OCI_LAYER_ZSTD, SHA_A, ""), ""),
		       OHC_FAMILY_OCI,
		       MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
				D(OHC_MEDIA_OCI_LAYER_ZSTD, SHA_A, ""), ""),
		       "");
}

static void test_no_media_type(void **state)
{
	static const char text[] = "{\"schemaVersion\":2,\"config\":" D(OHC_MEDIA_OCI_CONFIG, SHA_A,
									"") ",\"layers\":[]}";
	struct ohc_document doc = OHC_DOCUMENT_INIT, got = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_MANIFEST, text, strlen(text));
	assert_ok(ohc_convert_manifest(&doc, OHC_FAMILY_DOCKER, NULL, NULL, &got, &err), &err);
	assert_non_null(strstr(got.bytes.data, "\"mediaType\":\"" OHC_MEDIA_DOCKER_MANIFEST "\""));
	ohc_document_clear(&doc);
	ohc_document_clear(&got);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		enum ohc_family to;
		const char *message;
	} rows[] = {
		{ MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
			   TWO(D(OHC_MEDIA_OCI_LAYER_GZIP, SHA_A, ""),
			       D(OHC_MEDIA_OCI_LAYER_ZSTD, SHA_B, "")),
			   ""),
		  OHC_FAMILY_DOCKER, "layers[1] of manifest sha256:" },
		{ MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
			   D(OHC_MEDIA_OCI_LAYER_ZSTD, SHA_B, ""), ""),
		  OHC_FAMILY_DOCKER, "zstd" },
		{ MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_EMPTY, SHA_A, ""), "", ""),
		  OHC_FAMILY_DOCKER, "config of manifest" },
		{ MANIFEST(OHC_MEDIA_OCI_MANIFEST, D(OHC_MEDIA_OCI_CONFIG, SHA_A, ""),
			   D("application/vnd.in-toto+json", SHA_B, ""), ""),
		  OHC_FAMILY_DOCKER, "only images can be converted" },
		{ MANIFEST(OHC_MEDIA_DOCKER_MANIFEST,
			   D("application/vnd.docker.plugin.v1+json", SHA_A, ""), "", ""),
		  OHC_FAMILY_OCI, "only images can be converted" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_document doc = document(rows[i].text), got = OHC_DOCUMENT_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(ohc_convert_manifest(&doc, rows[i].to, NULL, NULL, &got, &err),
			     OHC_E_UNSUPPORTED, &err, rows[i].message);
		assert_null(got.bytes.data);
		ohc_document_clear(&doc);
	}
}

static int convert_index(const char *from, enum ohc_family to,
			 const struct ohc_descriptor *children, struct ohc_buf *lost,
			 struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = document(from);

	return ohc_convert_index(&doc, to, children, add_lost, lost, ret, err);
}

static void check_index(const char *from, enum ohc_family to, const struct ohc_descriptor *children,
			const char *want, const char *lost)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document got = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(convert_index(from, to, children, &b, &got, &err), &err);
	assert_string_equal(got.bytes.data, want);
	assert_string_equal(ohc_buf_str(&b), lost);
}

#define UNKNOWN ",\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"}"

static void test_index(void **state)
{
	static const char from[] = INDEX(OHC_MEDIA_OCI_INDEX,
					 THREE(D(OHC_MEDIA_OCI_MANIFEST, SHA_A, AMD64 ANNOTATIONS),
					       D(OHC_MEDIA_OCI_MANIFEST, SHA_A, UNKNOWN),
					       D(OHC_MEDIA_OCI_MANIFEST, SHA_B, ",\"data\":\"\"")),
					 ANNOTATIONS);
	static const char want[] = INDEX(OHC_MEDIA_DOCKER_LIST,
					 TWO(D(OHC_MEDIA_DOCKER_MANIFEST, SHA_B, AMD64),
					     D(OHC_MEDIA_DOCKER_MANIFEST, SHA_C, "")),
					 "");
	struct ohc_descriptor children[3];

	(void)state;
	ohc_descriptor_set(&children[0], OHC_MEDIA_DOCKER_MANIFEST, SHA_B, 7);
	ohc_descriptor_set(&children[2], OHC_MEDIA_DOCKER_MANIFEST, SHA_C, 7);
	check_index(from, OHC_FAMILY_DOCKER, children, want,
		    "annotations of manifests[0];an attestation;annotations of the index;");
}

#define SPEAKS_OF(sha) ",\"annotations\":{\"vnd.docker.reference.digest\":\"" sha "\"}"

/* Back, and what speaks of a manifest by its digest goes with it. */
static void test_reference_follows(void **state)
{
	static const char from[] = INDEX(OHC_MEDIA_DOCKER_LIST,
					 TWO(D(OHC_MEDIA_DOCKER_MANIFEST, SHA_A, AMD64),
					     D(OHC_MEDIA_OCI_MANIFEST, SHA_C, SPEAKS_OF(SHA_A))),
					 "");
	static const char want[] = INDEX(OHC_MEDIA_OCI_INDEX,
					 TWO(D(OHC_MEDIA_OCI_MANIFEST, SHA_B, AMD64),
					     D(OHC_MEDIA_OCI_MANIFEST, SHA_C, SPEAKS_OF(SHA_B))),
					 "");
	struct ohc_descriptor children[2];

	(void)state;
	ohc_descriptor_set(&children[0], OHC_MEDIA_OCI_MANIFEST, SHA_B, 7);
	ohc_descriptor_set(&children[1], OHC_MEDIA_OCI_MANIFEST, SHA_C, 7);
	check_index(from, OHC_FAMILY_OCI, children, want, "");
}

static void test_nested_index(void **state)
{
	static const char inner[] =
		INDEX(OHC_MEDIA_OCI_INDEX, D(OHC_MEDIA_OCI_INDEX, SHA_A, ""), "");
	ohc_cleanup(ohc_document_clear) struct ohc_document got = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_descriptor child;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	/* An OCI index over an OCI index over a Docker manifest: the inner one got another name. */
	ohc_descriptor_set(&child, OHC_MEDIA_OCI_INDEX, SHA_B, 7);
	check_index(inner, OHC_FAMILY_OCI, &child,
		    INDEX(OHC_MEDIA_OCI_INDEX, D(OHC_MEDIA_OCI_INDEX, SHA_B, ""), ""), "");
	/* The bytes that an entry embeds are those of what it was. */
	check_index(
		INDEX(OHC_MEDIA_OCI_INDEX, D(OHC_MEDIA_OCI_INDEX, SHA_A, ",\"data\":\"e30=\""), ""),
		OHC_FAMILY_OCI, &child,
		INDEX(OHC_MEDIA_OCI_INDEX, D(OHC_MEDIA_OCI_INDEX, SHA_B, ""), ""), "");
	ohc_descriptor_set(&child, OHC_MEDIA_OCI_INDEX, SHA_A, 7);
	check_index(inner, OHC_FAMILY_OCI, &child, inner, "");
	ohc_descriptor_set(&child, OHC_MEDIA_OCI_INDEX, SHA_B, 1234);
	assert_ok(convert_index(inner, OHC_FAMILY_OCI, &child, &b, &got, &err), &err);
	assert_non_null(strstr(got.bytes.data, "\"size\":1234"));
	ohc_document_clear(&got);
	ohc_descriptor_set(&child, OHC_MEDIA_DOCKER_LIST, SHA_B, 7);
	assert_fails(convert_index(inner, OHC_FAMILY_DOCKER, &child, &b, &got, &err),
		     OHC_E_UNSUPPORTED, &err, "manifests[0] of index sha256:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),     cmocka_unit_test(test_same_family_same_bytes),
		cmocka_unit_test(test_what_is_lost),  cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_no_media_type), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_index),         cmocka_unit_test(test_reference_follows),
		cmocka_unit_test(test_nested_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
