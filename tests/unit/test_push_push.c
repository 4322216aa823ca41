// SPDX-License-Identifier: Apache-2.0
/* push between layouts in a directory of its own: what the image is,
 * and that it is the same again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "compose/push/push.h"
#include "core/alloc.h"
#include "core/file.h"
#include "oci/config/config.h"
#include "oci/dir/dir.h"
#include "oci/documents/manifest.h"

static struct ohc_error err;
static struct ohc_transports *transports;

static int setup(void **state)
{
	static const struct ohc_registry_options none = { 0 };

	if (scratch_enter(state))
		return -1;
	transports = ohc_transports_new(&none, &none);
	mkdir("payload", 0755);
	return ohc_file_write("payload/f", "hello", 5, 0644, &err);
}

static int teardown(void **state)
{
	ohc_transports_free(transports);
	return scratch_leave(state);
}

static int push(struct ohc_push_options o, const char *base, const char *dest,
		struct ohc_image_result *ret)
{
	int rc;

	o.base = base;
	o.dest = dest;
	o.no_check = true; /* what a file with "hello" in it would not pass */
	ohc_strv_add(&o.payloads, "payload");
	rc = ohc_push(transports, &o, ret, &err);
	ohc_strv_clear(&o.payloads);
	return rc;
}

static json_t *config_of(const char *layout, const char *digest)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_manifest m = OHC_MANIFEST_INIT;
	json_t *config = NULL;

	assert_int_equal(ohc_dir_open(layout, OHC_LAYOUT_READ, NULL, &s, &err), 0);
	assert_int_equal(ohc_store_get_manifest(s, digest, &doc, &err), 0);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	assert_int_equal(ohc_store_read_blob(s, &m.config, &bytes, &err), 0);
	assert_int_equal(ohc_config_parse(bytes.data, bytes.len, "config", &config, &err), 0);
	assert_int_equal(ohc_config_n_layers(config), m.n_layers);
	ohc_manifest_clear(&m);
	return config;
}

static void test_image_on_a_base(void **state)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	struct ohc_image_result base = OHC_IMAGE_RESULT_INIT, r = OHC_IMAGE_RESULT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	json_t *inner;

	(void)state;
	o.profile = "none";
	ohc_strv_add(&o.payloads, "payload:/base");
	ohc_strv_add(&o.env, "PATH=/base/bin");
	o.base = "scratch";
	o.dest = "oci:base:1";
	assert_int_equal(ohc_push(transports, &o, &base, &err), 0);
	ohc_strv_clear(&o.payloads);
	ohc_strv_clear(&o.env);

	o = (struct ohc_push_options)OHC_PUSH_OPTIONS_INIT;
	assert_int_equal(push(o, "oci:base:1", "oci:out:2", &r), 0);
	assert_int_equal(r.n_layers, 3);
	assert_string_equal(r.layers[0].d.digest, base.layers[0].d.digest);
	assert_string_equal(r.layers[0].role, "base");
	assert_string_equal(r.layers[0].action, "copied");
	assert_string_equal(r.layers[1].role, "payload");
	assert_string_equal(r.layers[1].action, "written");
	assert_string_equal(r.layers[2].role, "adapter");
	assert_int_equal(r.bytes_read, 5);
	config = config_of("out", r.manifest.digest);
	inner = json_object_get(config, "config");
	assert_string_equal(ohc_config_get_env(config, "PATH"), "/openhands/bin:/base/bin");
	assert_string_equal(json_string_value(json_object_get(inner, "User")), "1000:1000");
	assert_string_equal(json_string_value(json_object_get(inner, "WorkingDir")), "/workspace");
	assert_string_equal(json_string_value(json_object_get(config, "created")),
			    "1970-01-01T00:00:00Z");
	ohc_image_result_clear(&base);
	ohc_image_result_clear(&r);
}

static void test_same_inputs_same_digest(void **state)
{
	struct ohc_image_result a = OHC_IMAGE_RESULT_INIT, b = OHC_IMAGE_RESULT_INIT;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;

	(void)state;
	assert_int_equal(push(o, "scratch", "oci:a:1", &a), 0);
	umask(077);
	assert_int_equal(push(o, "scratch", "oci:b:2", &b), 0);
	umask(022);
	assert_string_equal(a.manifest.digest, b.manifest.digest);
	ohc_image_result_clear(&a);
	ohc_image_result_clear(&b);
}

static void test_dry_run_writes_nothing_and_knows_the_digest(void **state)
{
	struct ohc_image_result a = OHC_IMAGE_RESULT_INIT, b = OHC_IMAGE_RESULT_INIT;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;

	(void)state;
	o.dry_run = true;
	assert_int_equal(push(o, "scratch", "oci:a:1", &a), 0);
	assert_int_not_equal(access("a", F_OK), 0);
	o.dry_run = false;
	assert_int_equal(push(o, "scratch", "oci:a:1", &b), 0);
	assert_string_equal(a.manifest.digest, b.manifest.digest);
	ohc_image_result_clear(&a);
	ohc_image_result_clear(&b);
}

static void test_a_payload_that_is_known_is_not_read_again(void **state)
{
	struct ohc_image_result a = OHC_IMAGE_RESULT_INIT, b = OHC_IMAGE_RESULT_INIT;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;

	(void)state;
	ohc_cache_open("cache", 0, NULL, &cache);
	o.cache = cache;
	assert_int_equal(push(o, "scratch", "oci:a:1", &a), 0);
	assert_int_equal(push(o, "scratch", "oci:a:1", &b), 0);
	assert_int_equal(b.bytes_read, 5); /* written moments ago: not to be trusted */
	ohc_image_result_clear(&b);
	sleep(4);
	assert_int_equal(push(o, "scratch", "oci:a:1", &b), 0);
	ohc_image_result_clear(&b);
	assert_int_equal(push(o, "scratch", "oci:a:2", &b), 0);
	assert_int_equal(b.bytes_read, 0);
	assert_string_equal(b.layers[0].action, "kept");
	assert_string_equal(a.manifest.digest, b.manifest.digest);
	ohc_image_result_clear(&b);
	/* Another place does not have it: it is made again. */
	assert_int_equal(push(o, "scratch", "oci:b:1", &b), 0);
	assert_int_equal(b.bytes_read, 5);
	ohc_image_result_clear(&b);
	assert_int_equal(ohc_file_write("payload/f", "other", 5, 0644, &err), 0);
	assert_int_equal(push(o, "scratch", "oci:a:2", &b), 0);
	assert_int_equal(b.bytes_read, 5);
	assert_string_not_equal(a.manifest.digest, b.manifest.digest);
	ohc_image_result_clear(&a);
	ohc_image_result_clear(&b);
}

static void test_a_failed_push_leaves_nothing(void **state)
{
	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;

	(void)state;
	assert_int_equal(ohc_file_write("payload/.wh.x", "", 0, 0644, &err), 0);
	assert_true(push(o, "scratch", "oci:a:1", &r) < 0);
	assert_non_null(strstr(err.msg, "payload/.wh.x"));
	assert_int_not_equal(access("a", F_OK), 0);
	assert_null(r.name);
}

/* A payload for each of two platforms; the third payload is for both. */
static void test_all_platforms_give_an_index(void **state)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	struct ohc_index index = OHC_INDEX_INIT;

	(void)state;
	o.platform = "all";
	o.no_check = true;
	o.base = "scratch";
	o.dest = "oci:a:1";
	mkdir("arm", 0755);
	ohc_strv_add(&o.payloads, "linux/amd64=payload");
	ohc_strv_add(&o.payloads, "linux/arm64/v8=arm");
	ohc_strv_add(&o.payloads, "payload:/both");
	assert_int_equal(ohc_push(transports, &o, &r, &err), 0);
	assert_int_equal(r.n_layers, 6);
	assert_string_equal(r.layers[1].action, "written");
	assert_string_equal(r.layers[4].action, "kept"); /* made once */
	assert_string_equal(r.layers[1].d.digest, r.layers[4].d.digest);
	assert_int_equal(ohc_dir_open("a", OHC_LAYOUT_READ, NULL, &s, &err), 0);
	assert_int_equal(ohc_store_get_manifest(s, "1", &doc, &err), 0);
	assert_int_equal(ohc_index_parse(&doc, &index, &err), 0);
	assert_int_equal(index.n, 2);
	assert_string_equal(index.entries[0].platform.arch, "amd64");
	assert_string_equal(index.entries[1].platform.arch, "arm64");
	ohc_index_clear(&index);
	ohc_image_result_clear(&r);

	/* On that as a base: one platform by its payload, and one that it does not have. */
	ohc_strv_clear(&o.payloads);
	ohc_strv_add(&o.payloads, "linux/arm64=arm:/more");
	o.base = "oci:a:1";
	o.dest = "oci:b:1";
	o.platform = NULL;
	assert_int_equal(ohc_push(transports, &o, &r, &err), 0);
	assert_string_equal(r.platform.arch, "arm64");
	ohc_image_result_clear(&r);
	o.platform = "linux/s390x";
	assert_int_equal(ohc_push(transports, &o, &r, &err), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "linux/amd64"));
	o.platform = "linux/amd64";
	assert_int_equal(ohc_push(transports, &o, &r, &err), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "no payload for linux/amd64"));
	ohc_strv_clear(&o.payloads);
}

static void test_a_payload_image_is_used_as_it_is(void **state)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	struct ohc_image_result payload = OHC_IMAGE_RESULT_INIT, r = OHC_IMAGE_RESULT_INIT;

	(void)state;
	o.profile = "none";
	o.base = "scratch";
	o.dest = "oci:pl:1";
	ohc_strv_add(&o.payloads, "payload:/openhands");
	assert_int_equal(ohc_push(transports, &o, &payload, &err), 0);
	ohc_strv_clear(&o.payloads);
	o.profile = NULL;
	o.no_check = true;
	o.dest = "oci:a:1";
	ohc_strv_add(&o.payloads, "oci:pl:1");
	assert_int_equal(ohc_push(transports, &o, &r, &err), 0);
	assert_string_equal(r.layers[0].d.digest, payload.layers[0].d.digest);
	assert_string_equal(r.layers[0].role, "payload");
	assert_string_equal(r.layers[0].action, "copied");
	ohc_image_result_clear(&r);
	/* It holds /openhands, which is not under /opt. */
	ohc_strv_clear(&o.payloads);
	ohc_strv_add(&o.payloads, "oci:pl:1:/opt");
	assert_int_equal(ohc_push(transports, &o, &r, &err), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "no directory '/opt': in '/' there is 'openhands'"));
	ohc_strv_clear(&o.payloads);
	ohc_image_result_clear(&payload);
}

static void test_format_of_the_other_family(void **state)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;

	(void)state;
	assert_int_equal(push(o, "scratch", "oci:a:1", &r), 0);
	assert_string_equal(r.manifest.media_type, OHC_MEDIA_OCI_MANIFEST);
	ohc_image_result_clear(&r);
	o.format = "docker";
	assert_int_equal(push(o, "oci:a:1", "oci:a:2", &r), 0);
	assert_string_equal(r.manifest.media_type, OHC_MEDIA_DOCKER_MANIFEST);
	assert_string_equal(r.layers[2].d.media_type, OHC_MEDIA_DOCKER_LAYER);
	ohc_image_result_clear(&r);
	o.compression = "zstd";
	assert_int_equal(push(o, "oci:a:1", "oci:a:3", &r), -OHC_E_UNSUPPORTED);
}

static void test_refusals_come_before_anything_is_opened(void **state)
{
	static const struct {
		const char *base, *dest, *profile, *compression, *why;
		int rc;
	} cases[] = {
		{ "scratch", "scratch", NULL, NULL, "is a base", -OHC_E_USAGE },
		{ "UPPER", "oci:a", NULL, NULL, "UPPER", -OHC_E_USAGE },
		{ "scratch", "oci:a", "nosuch", NULL, "nosuch", -OHC_E_USAGE },
		{ "scratch", "oci:a", NULL, "lzma", "lzma", -OHC_E_USAGE },
		{ "oci:nothere:1", "oci:a", NULL, NULL, "nothere", -OHC_E_NOT_FOUND },
		{ "scratch", "oci:a", "none", NULL, "has no prefix", -OHC_E_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
		struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;

		o.profile = cases[i].profile;
		o.compression = cases[i].compression;
		assert_int_equal(push(o, cases[i].base, cases[i].dest, &r), cases[i].rc);
		assert_non_null(strstr(err.msg, cases[i].why));
		assert_int_not_equal(access("a", F_OK), 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_image_on_a_base),
		TEST(test_same_inputs_same_digest),
		TEST(test_dry_run_writes_nothing_and_knows_the_digest),
		TEST(test_a_payload_that_is_known_is_not_read_again),
		TEST(test_a_failed_push_leaves_nothing),
		TEST(test_all_platforms_give_an_index),
		TEST(test_a_payload_image_is_used_as_it_is),
		TEST(test_format_of_the_other_family),
		TEST(test_refusals_come_before_anything_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
