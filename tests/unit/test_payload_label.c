// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "compose/payload/label.h"

static json_t *parse(const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	assert_ok(ohc_json_parse(text, strlen(text), "test", &doc, &err), &err);
	return doc;
}

static json_t *config_of(const char *diff_ids)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf(
		"{\"config\":{\"Labels\":{\"a\":\"b\"}},\"rootfs\":{\"diff_ids\":[%s]}}", diff_ids);

	return parse(text);
}

static void write_label(json_t *config)
{
	struct ohc_payload_label label = { .prefix = ohc_xstrdup("/p"),
					   .owned = true,
					   .uid = 10001,
					   .gid = 5,
					   .profile = ohc_xstrdup("openhands"),
					   .libc = OHC_PAYLOAD_OWN,
					   .glibc = ohc_xstrdup("2.36"),
					   .components = parse("{\"x\":\"" SHA_A "\",\"y\":\"" SHA_B
							       "\"}") };

	ohc_strv_add(&label.provides, "/p/bin/bash");
	ohc_strv_add(&label.provides, "/p/etc/ca.crt");
	ohc_payload_label_write(&label, config);
	ohc_payload_label_clear(&label);
}

static void test_round_trip(void **state)
{
	ohc_cleanup(ohc_json_decref) json_t *config = config_of("\"" SHA_A "\",\"" SHA_B "\"");
	ohc_cleanup(ohc_payload_label_clear) struct ohc_payload_label label =
		OHC_PAYLOAD_LABEL_INIT;
	ohc_cleanup(ohc_freep) char *text = NULL;

	(void)state;
	write_label(config);
	text = ohc_json_text(json_object_get(json_object_get(config, "config"), "Labels"));
	assert_string_equal(text,
			    "{\"a\":\"b\",\"io.ohcompose.payload.prefix\":\"/p\","
			    "\"io.ohcompose.payload.owner\":\"10001:5\","
			    "\"io.ohcompose.payload.profile\":\"openhands\","
			    "\"io.ohcompose.payload.libc\":\"own\","
			    "\"io.ohcompose.payload.glibc\":\"2.36\","
			    "\"io.ohcompose.payload.components\":"
			    "\"{\\\"x\\\":\\\"" SHA_A "\\\",\\\"y\\\":\\\"" SHA_B "\\\"}\","
			    "\"io.ohcompose.payload.provides\":\"/p/bin/bash,/p/etc/ca.crt\"}");
	assert_true(ohc_payload_label_read(config, &label));
	assert_string_equal(label.prefix, "/p");
	assert_string_equal(label.profile, "openhands");
	assert_true(label.owned);
	assert_int_equal(label.uid, 10001);
	assert_int_equal(label.gid, 5);
	assert_int_equal(label.libc, OHC_PAYLOAD_OWN);
	assert_string_equal(label.glibc, "2.36");
	assert_null(label.glibcxx);
	assert_int_equal(label.provides.n, 2);
	assert_string_equal(label.provides.v[1], "/p/etc/ca.crt");
}

/* An image built on top of a payload image has its labels, but more layers. */
static void test_inherited(void **state)
{
	static const char *const layers[] = { "\"" SHA_A "\",\"" SHA_B "\",\"" SHA_C "\"",
					      "\"" SHA_A "\"", "\"" SHA_A "\",\"" SHA_C "\"", "" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(layers); i++) {
		ohc_cleanup(ohc_json_decref) json_t *config = config_of(layers[i]);
		struct ohc_payload_label label;

		write_label(config);
		assert_false(ohc_payload_label_read(config, &label));
	}
}

/* Labels that others may have written. */
static void test_strange(void **state)
{
	static const struct {
		const char *key, *value;
	} cases[] = {
		{ "prefix", "/" },       { "prefix", "p" },
		{ "prefix", "/a/../b" }, { "libc", "uclibc" },
		{ "components", "[]" },  { "components", "{" },
		{ "components", "{}" },  { "components", "{\"x\":1,\"y\":2}" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_json_decref) json_t *config =
			config_of("\"" SHA_A "\",\"" SHA_B "\"");
		ohc_cleanup(ohc_freep) char *key =
			ohc_xasprintf("io.ohcompose.payload.%s", cases[i].key);
		json_t *labels = json_object_get(json_object_get(config, "config"), "Labels");
		struct ohc_payload_label label;

		write_label(config);
		json_object_set_new(labels, key, json_string(cases[i].value));
		if (ohc_payload_label_read(config, &label))
			fail_msg("%s '%s' is believed", cases[i].key, cases[i].value);
	}
}

static void test_outside(void **state)
{
	ohc_cleanup(ohc_json_decref) json_t *config = config_of("\"" SHA_A "\",\"" SHA_B "\"");
	ohc_cleanup(ohc_payload_label_clear) struct ohc_payload_label label =
		OHC_PAYLOAD_LABEL_INIT;
	json_t *labels = json_object_get(json_object_get(config, "config"), "Labels");

	(void)state;
	write_label(config);
	json_object_set_new(labels, "io.ohcompose.payload.provides",
			    json_string("/etc/passwd,/p/../x,/p/bin/sh,,/px/y"));
	json_object_set_new(labels, "io.ohcompose.payload.glibc", json_string("2.36; rm"));
	assert_true(ohc_payload_label_read(config, &label));
	assert_int_equal(label.provides.n, 1);
	assert_string_equal(label.provides.v[0], "/p/bin/sh");
	assert_null(label.glibc);
}

static void test_owners(void **state)
{
	static const char *const none[] = { "1000", "1000:",        ":5",    "a:5",
					    "-1:5", "1:4294967295", "1:5:6", "" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(none); i++) {
		ohc_cleanup(ohc_json_decref) json_t *config =
			config_of("\"" SHA_A "\",\"" SHA_B "\"");
		ohc_cleanup(ohc_payload_label_clear) struct ohc_payload_label label =
			OHC_PAYLOAD_LABEL_INIT;
		json_t *labels = json_object_get(json_object_get(config, "config"), "Labels");

		write_label(config);
		json_object_set_new(labels, "io.ohcompose.payload.owner", json_string(none[i]));
		assert_true(ohc_payload_label_read(config, &label));
		assert_false(label.owned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_strange),    cmocka_unit_test(test_outside),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
