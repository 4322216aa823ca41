// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "memory_store.h"
#include "oci/image/describe.h"

static struct ohc_store *store;

static int make_store(void **state)
{
	(void)state;
	store = memory_store_new("mem");
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	ohc_store_close(store);
	return 0;
}

static int describe(const char *platform, bool plain_sizes, json_t **ret, struct ohc_error *err)
{
	struct ohc_platform p;
	struct ohc_describe_options o = { .plain_sizes = plain_sizes, .jobs = 2 };

	if (platform) {
		assert_ok(ohc_platform_parse(platform, &p, err), err);
		o.platform = &p;
	}
	return ohc_describe_image(store, "the name", "t", &o, ret, err);
}

/* The member that a path of keys leads to, as JSON text; "" when there is none. */
static void check_at(json_t *doc, const char *path, const char *want)
{
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(path);
	ohc_cleanup(ohc_freep) char *text = NULL;
	char *save = NULL;

	for (char *s = strtok_r(copy, ".", &save); s && doc; s = strtok_r(NULL, ".", &save))
		doc = json_is_array(doc) ? json_array_get(doc, (size_t)atoi(s))
					 : json_object_get(doc, s);
	text = doc ? ohc_json_text(doc) : ohc_xstrdup("");
	assert_string_equal(text, want);
}

static json_t *described(const char *platform, bool plain_sizes)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	assert_ok(describe(platform, plain_sizes, &doc, &err), &err);
	return doc;
}

/* An image of one layer with this config (a JSON object without its last brace). */
static void put_image(const char *config, const char *manifest_more)
{
	struct ohc_descriptor layer, c;
	char id[OHC_DIGEST_MAX], *text;

	memory_store_layer(store, "plain text", OHC_COMPRESSION_NONE, &layer, id);
	text = ohc_xasprintf("%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}", config,
			     id);
	memory_store_blob(store, OHC_MEDIA_OCI_CONFIG, text, &c);
	free(text);
	text = ohc_xasprintf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":"
			     "\"%s\",\"size\":%lld},\"layers\":[{\"mediaType\":\"%s\",\"digest\":"
			     "\"%s\",\"size\":%lld}]%s}",
			     c.media_type, c.digest, (long long)c.size, layer.media_type,
			     layer.digest, (long long)layer.size, manifest_more);
	memory_store_manifest(store, "t", "", text, NULL);
	free(text);
}

static void test_image(void **state)
{
	json_t *d;

	(void)state;
	put_image("{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\","
		  "\"created\":\"2020-01-01T00:00:00Z\",\"author\":\"A\","
		  "\"config\":{\"User\":\"1:2\",\"WorkingDir\":\"/w\",\"Env\":[\"A=1\"],"
		  "\"Entrypoint\":[\"/e\"],\"Cmd\":[],\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":"
		  "{}},\"Volumes\":{\"/v\":{}},\"Labels\":{\"l\":\"m\"},\"StopSignal\":\"INT\"},"
		  "\"history\":[{\"created_by\":\"one\",\"comment\":\"c\"},{\"created_by\":\"e\","
		  "\"empty_layer\":true}]",
		  ",\"annotations\":{\"org.opencontainers.image.base.name\":\"b\","
		  "\"org.opencontainers.image.base.digest\":\"" SHA_A "\",\"k\":\"v\"}");
	d = described(NULL, false);
	check_at(d, "name", "\"the name\"");
	check_at(d, "mediaType", "\"" OHC_MEDIA_OCI_MANIFEST "\"");
	check_at(d, "index", "");
	check_at(d, "platform", "\"linux/arm64\"");
	check_at(d, "created", "\"2020-01-01T00:00:00Z\"");
	check_at(d, "author", "\"A\"");
	check_at(d, "base", "{\"name\":\"b\",\"digest\":\"" SHA_A "\"}");
	check_at(d, "annotations.k", "\"v\"");
	check_at(d, "size", "2048");
	check_at(d, "plainSize", "");
	check_at(d, "config.user", "\"1:2\"");
	check_at(d, "config.workdir", "\"/w\"");
	check_at(d, "config.env", "[\"A=1\"]");
	check_at(d, "config.entrypoint", "[\"/e\"]");
	check_at(d, "config.cmd", "");
	check_at(d, "config.ports", "[\"80/tcp\",\"53/udp\"]");
	check_at(d, "config.volumes", "[\"/v\"]");
	check_at(d, "config.labels", "{\"l\":\"m\"}");
	check_at(d, "config.stopSignal", "\"INT\"");
	check_at(d, "layers.0.size", "2048");
	check_at(d, "layers.0.plainSize", "");
	check_at(d, "history",
		 "[{\"layer\":0,\"createdBy\":\"one\",\"comment\":\"c\"},{\"createdBy\":\"e\"}]");
	json_decref(d);
}

static void test_little(void **state)
{
	json_t *d;

	(void)state;
	put_image("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":null,\"history\":null",
		  "");
	d = described(NULL, false);
	check_at(d, "created", "");
	check_at(d, "base", "");
	check_at(d, "annotations", "");
	check_at(d, "history", "");
	check_at(d, "config.env", "");
	assert_int_equal(json_object_size(json_object_get(d, "config")), 2);
	json_decref(d);
}

static void test_history_that_does_not_match(void **state)
{
	json_t *d;

	(void)state;
	put_image("{\"architecture\":\"amd64\",\"os\":\"linux\","
		  "\"history\":[{\"created_by\":\"a\"},{\"created_by\":\"b\"}]",
		  "");
	d = described(NULL, false);
	check_at(d, "history", "[{\"createdBy\":\"a\"},{\"createdBy\":\"b\"}]");
	json_decref(d);
}

static void test_plain_sizes(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *d;

	(void)state;
	memory_store_image(store, "t", OHC_FAMILY_OCI, "linux", "amd64", NULL);
	d = described(NULL, true);
	check_at(d, "layers.0.plainSize", "2048");
	check_at(d, "layers.1.plainSize", "2048");
	check_at(d, "plainSize", "4096");
	check_at(d, "layers.1.missing", "");
	memory_store_raw(store,
			 json_string_value(json_object_get(
				 json_array_get(json_object_get(d, "layers"), 1), "digest")),
			 "x", 1);
	assert_fails(describe(NULL, true, &d, &err), OHC_E_DIGEST, &err, "layers[1] of manifest");
	memory_store_remove(store,
			    json_string_value(json_object_get(
				    json_array_get(json_object_get(d, "layers"), 1), "digest")));
	json_decref(d);
	d = described(NULL, true);
	check_at(d, "layers.0.plainSize", "2048");
	check_at(d, "layers.1.plainSize", "");
	check_at(d, "layers.1.missing", "true");
	check_at(d, "plainSize", "");
	json_decref(d);
}

static void put_index(const char *const *archs, size_t n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_descriptor d;

	ohc_buf_adds(&b, "{\"schemaVersion\":2,\"manifests\":[");
	for (size_t i = 0; i < n; i++) {
		bool unknown = strcmp(archs[i], "unknown") == 0;

		memory_store_image(store, NULL, OHC_FAMILY_OCI, unknown ? "unknown" : "linux",
				   archs[i], &d);
		ohc_buf_addf(&b,
			     "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld,\"platform\":"
			     "{\"os\":\"%s\",\"architecture\":\"%s\"}}",
			     i ? "," : "", d.media_type, d.digest, (long long)d.size,
			     unknown ? "unknown" : "linux", archs[i]);
	}
	ohc_buf_adds(&b, "]}");
	memory_store_manifest(store, "t", "", b.data, NULL);
}

static void test_index(void **state)
{
	static const char *const archs[] = { "unknown", "s390x", "riscv64" };
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *d;

	(void)state;
	put_index(archs, 3);
	d = described("linux/riscv64", false);
	check_at(d, "mediaType", "\"" OHC_MEDIA_OCI_INDEX "\"");
	check_at(d, "index.0.attestation", "true");
	check_at(d, "index.0.platform", "");
	check_at(d, "index.1.platform", "\"linux/s390x\"");
	check_at(d, "platform", "\"linux/riscv64\"");
	check_at(d, "manifest.mediaType", "\"" OHC_MEDIA_OCI_MANIFEST "\"");
	json_decref(d);
	/* Nothing was asked for, and this machine's is not there: the first. */
	d = described(NULL, false);
	check_at(d, "platform", "\"linux/s390x\"");
	json_decref(d);
	assert_fails(describe("linux/mips", false, &d, &err), OHC_E_NOT_FOUND, &err,
		     "linux/s390x, linux/riscv64");

	put_index(archs, 1);
	d = described(NULL, false);
	check_at(d, "index.0.attestation", "true");
	check_at(d, "manifest", "");
	json_decref(d);
}

static void test_artifact(void **state)
{
	struct ohc_descriptor c;
	json_t *d;
	char *text;

	(void)state;
	memory_store_blob(store, OHC_MEDIA_OCI_EMPTY, "{}", &c);
	text = ohc_xasprintf("{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"config\":{"
			     "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2},\"layers\":[],"
			     "\"subject\":{\"mediaType\":\"c/d\",\"digest\":\"" SHA_A
			     "\",\"size\":1}}",
			     c.media_type, c.digest);
	memory_store_manifest(store, "t", "", text, NULL);
	free(text);
	d = described(NULL, false);
	check_at(d, "artifactType", "\"a/b\"");
	check_at(d, "subject", "\"" SHA_A "\"");
	check_at(d, "platform", "");
	check_at(d, "config", "");
	check_at(d, "layers", "[]");
	json_decref(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_image, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_little, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_history_that_does_not_match, make_store,
						close_store),
		cmocka_unit_test_setup_teardown(test_plain_sizes, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_index, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_artifact, make_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
