// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/buf.h"
#include "oci/config/config.h"
#include "oci/image/rules.h"

/* "hello" */
#define HELLO         "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define OF(type)      "{\"mediaType\":\"" type "\",\"digest\":\"" SHA_A "\",\"size\":5}"
#define DOCKER_CONFIG OF(OHC_MEDIA_DOCKER_CONFIG)
#define DOCKER_L      OF(OHC_MEDIA_DOCKER_LAYER)
#define DOCKER_Z      OF(OHC_MEDIA_DOCKER_LAYER_ZSTD)
#define GZ            OF(OHC_MEDIA_OCI_LAYER_GZIP)
#define NYDUS         OF("application/vnd.oci.image.layer.nydus.blob.v1")
#define D             "{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A "\",\"size\":5}"
#define L                                                                                     \
	"{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" SHA_A "\"," \
	"\"size\":5}"
#define CONFIG                                                                                  \
	"{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" SHA_A "\"," \
	"\"size\":5}"

static void collect(void *ctx, const char *where, const char *message)
{
	ohc_buf_addf(ctx, "%s|%s;", where, message);
}

typedef void (*rules_fn)(struct ohc_rules *r, const json_t *doc);

struct row {
	const char *text, *want;
};

static void check(rules_fn fn, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		struct ohc_rules r = { .what = "it", .found = collect, .ctx = &b };
		json_t *doc = json_loads(rows[i].text, JSON_DECODE_ANY, NULL);

		assert_non_null(doc);
		fn(&r, doc);
		assert_string_equal(ohc_buf_str(&b), rows[i].want);
		assert_int_equal(r.broken > 0, *rows[i].want != '\0');
		json_decref(doc);
	}
}

static void descriptor(struct ohc_rules *r, const json_t *d)
{
	ohc_rules_descriptor(r, "x", d);
}

static void test_descriptor(void **state)
{
	static const struct row rows[] = {
		{ D, "" },
		{ "[]", "x of it|is not a descriptor (a JSON object);" },
		{ "{}", "x of it|has no 'mediaType';x of it|has no 'digest' that is a string;"
			"x of it|'size' is not a whole number that is not negative;" },
		{ "{\"mediaType\":\"ab\",\"digest\":\"" SHA_A "\",\"size\":-1}",
		  "x of it|'mediaType' is no media type;"
		  "x of it|'size' is not a whole number that is not negative;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"md5:0\",\"size\":0}",
		  "x of it|it has a digest that is neither sha256 nor sha512: 'md5:0';" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO
		  "\",\"size\":5,\"data\":\"aGVsbG8=\"}",
		  "" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO
		  "\",\"size\":6,\"data\":\"aGVsbG8=\"}",
		  "x of it|'data' is not what size and digest promise;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO
		  "\",\"size\":5,\"data\":\"aGVsbG9=\"}",
		  "x of it|'data' is not base64;" }, /* bits that nobody wrote */
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO
		  "\",\"size\":5,\"data\":\"aGVsbGg=\"}",
		  "x of it|'data' is not what size and digest promise;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO
		  "\",\"size\":5,\"data\":\"aGVsbG8\"}",
		  "x of it|'data' is not base64;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO "\",\"size\":5,\"data\":\"a===\"}",
		  "x of it|'data' is not base64;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" HELLO "\",\"size\":5,\"data\":7}",
		  "x of it|'data' is not base64;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
		  "\",\"size\":5,\"urls\":[\"u\",1],\"annotations\":{\"\":\"v\",\"k\":1}}",
		  "x of it|'urls[1]' is not a string;x of it|has an annotation without a name;"
		  "x of it|annotation 'k' is not a string;" },
		{ "{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
		  "\",\"size\":5,\"urls\":\"u\",\"annotations\":[],\"artifactType\":\"x\"}",
		  "x of it|'artifactType' is no media type;x of it|'urls' is not an array;"
		  "x of it|'annotations' is not an object;" },
	};

	(void)state;
	check(descriptor, rows, OHC_ARRAY_SIZE(rows));
}

static void test_manifest(void **state)
{
	static const struct row rows[] = {
		{ "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" L "]}", "" },
		{ "{\"schemaVersion\":2,\"config\":" D ",\"layers\":[" D "],\"subject\":" D "}",
		  "" },
		{ "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" L "," D "]}",
		  "layers[1] of it|is 'a/b' in an image, which is no layer;" },
		{ "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" D "]}", "" },
		{ "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" L "," NYDUS "]}", "" },
		{ "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" GZ "," DOCKER_L "]}",
		  "layers[1] of it|is '" OHC_MEDIA_DOCKER_LAYER
		  "' in a manifest of OCI: many tools refuse what is mixed so;" },
		{ "{\"schemaVersion\":2,\"config\":" DOCKER_CONFIG ",\"layers\":[" L "]}",
		  "config of it|is '" OHC_MEDIA_DOCKER_CONFIG
		  "' in a manifest of OCI: many tools refuse what is mixed so;" },
		{ "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_DOCKER_MANIFEST
		  "\",\"config\":" DOCKER_CONFIG ",\"layers\":[" DOCKER_L "," DOCKER_Z "]}",
		  "" },
		{ "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_DOCKER_MANIFEST
		  "\",\"config\":" CONFIG ",\"layers\":[" DOCKER_L "," GZ "]}",
		  "config of it|is '" OHC_MEDIA_OCI_CONFIG
		  "' in a manifest of Docker schema 2: many tools refuse what is mixed so;"
		  "layers[1] of it|is '" OHC_MEDIA_OCI_LAYER_GZIP
		  "' in a manifest of Docker schema 2: many tools refuse what is mixed so;" },
		{ "{\"schemaVersion\":1,\"mediaType\":\"x\",\"layers\":null,\"subject\":1}",
		  "it|'schemaVersion' is not 2;it|'mediaType' is no media type;"
		  "subject of it|is not a descriptor (a JSON object);"
		  "config of it|is not a descriptor (a JSON object);"
		  "it|'layers' is not an array;" },
		{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OHC_MEDIA_OCI_EMPTY
		  "\",\"digest\":\"" SHA_A "\",\"size\":2},\"layers\":[]}",
		  "it|has an empty config and no 'artifactType';" },
		{ "{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"config\":{\"mediaType\":"
		  "\"" OHC_MEDIA_OCI_EMPTY "\",\"digest\":\"" SHA_A
		  "\",\"size\":2},\"layers\":[],\"annotations\":{\"k\":{}}}",
		  "it|annotation 'k' is not a string;" },
	};

	(void)state;
	check(ohc_rules_manifest, rows, OHC_ARRAY_SIZE(rows));
}

static void test_index(void **state)
{
	static const struct row rows[] = {
		{ "{\"schemaVersion\":2,\"manifests\":[" D "]}", "" },
		{ "{\"schemaVersion\":2,\"manifests\":null}", "it|'manifests' is not an array;" },
		{ "{\"manifests\":[" D ",1]}",
		  "it|'schemaVersion' is not 2;"
		  "manifests[1] of it|is not a descriptor (a JSON object);" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
		  "\",\"size\":5,\"platform\":{\"os\":\"linux\",\"variant\":7}}]}",
		  "manifests[0] of it|'platform.architecture' is not a string;"
		  "manifests[0] of it|'platform.variant' is not a string;" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"" SHA_A
		  "\",\"size\":5,\"platform\":\"linux\"}]}",
		  "manifests[0] of it|'platform' is not an object;" },
	};

	(void)state;
	check(ohc_rules_index, rows, OHC_ARRAY_SIZE(rows));
}

static void config_of_one_layer(struct ohc_rules *r, const json_t *doc)
{
	ohc_rules_config(r, doc, 1);
}

static void test_config(void **state)
{
	static const char rootfs[] =
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\"]}";
	static const struct row rows[] = {
		{ "{\"architecture\":\"a\",\"os\":\"b\",\"created\":\"2020-01-02T03:04:05.6Z\",%s}",
		  "" },
		{ "{%s}", "it|has no 'architecture';it|has no 'os';" },
		{ "{\"architecture\":\"\",\"os\":\"b\",\"created\":\"yesterday\",%s}",
		  "it|has no 'architecture';"
		  "it|'created' is 'yesterday', which is no RFC 3339 time;" },
		{ "{\"architecture\":\"a\",\"os\":\"b\",\"config\":{\"Env\":[\"A=1\",\"B\",\"=C\"],"
		  "\"ExposedPorts\":{\"80/tcp\":null},\"Volumes\":{\"/v\":1,\"/w\":{}}},%s}",
		  "it|'config.Env[1]' is 'B', not NAME=VALUE;"
		  "it|'config.Env[2]' is '=C', not NAME=VALUE;"
		  "it|'config.ExposedPorts': the value of '80/tcp' is no object;"
		  "it|'config.Volumes': the value of '/v' is no object;" },
		{ "{\"architecture\":\"a\",\"os\":\"b\",\"history\":[{},{\"created\":\"x\","
		  "\"created_by\":1,\"empty_layer\":\"yes\"},{\"created\":null}],%s}",
		  "history[1] of it|'created_by' is not a string;"
		  "history[1] of it|'empty_layer' is neither true nor false;"
		  "history[1] of it|'created' is 'x', which is no RFC 3339 time;" },
	};
	struct row row;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		const char *mark = strstr(rows[i].text, "%s");

		ohc_buf_add(&b, rows[i].text, (size_t)(mark - rows[i].text));
		ohc_buf_adds(&b, rootfs);
		ohc_buf_adds(&b, mark + 2);
		row = (struct row){ b.data, rows[i].want };
		check(config_of_one_layer, &row, 1);
	}
	row = (struct row){ "{\"architecture\":\"a\",\"os\":\"b\",\"rootfs\":{\"type\":\"layers\","
			    "\"diff_ids\":[]}}",
			    "it|has 0 diff IDs for the 1 layers of its manifest;" };
	check(config_of_one_layer, &row, 1);
}

static void test_media_type(void **state)
{
	static const char *const good[] = { "a/b", OHC_MEDIA_OCI_LAYER_ZSTD, "x-1/y.z+w#&^_$!" };
	static const char *const bad[] = { "",      "a",    "/",    "a/",    "/b",  "a/b/c",
					   "a b/c", "a/b ", "-a/b", "a/b;c", "a/+b" };
	char name[300];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(good); i++)
		assert_true(ohc_media_valid(good[i]));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_false(ohc_media_valid(bad[i]));
	memset(name, 'a', sizeof(name));
	name[127] = '/';
	name[128 + 127] = '\0';
	assert_true(ohc_media_valid(name));
	name[128 + 127] = 'a';
	name[128 + 128] = '\0';
	assert_false(ohc_media_valid(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptor), cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_index),      cmocka_unit_test(test_config),
		cmocka_unit_test(test_media_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
