// SPDX-License-Identifier: Apache-2.0
/* compose/image/recorded.h: no option that changes an image is forgotten, and all come back. */
#include "unit.h"

#include "cmd/push_options.h"
#include "compose/image/recorded.h"
#include "core/alloc.h"

static struct ohc_error err;

/* Options that the composition has elsewhere, or that do not change the image. */
static const char *const others[] = {
	"payload",  "profile", "platform", "tag",           "digest-file", "check",
	"no-check", "mount",   "dry-run",  "skip-existing", "sign",        "sbom",
};

static bool is_other(const char *name)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(others); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	return false;
}

static void test_every_option_of_push(void **state)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv names = OHC_STRV_INIT;
	size_t n = 0;

	(void)state;
	ohc_recorded_names(&names);
	for (const struct ohc_option *o = ohc_push_command_options; o->name; o++) {
		if (ohc_strv_has(&names, o->name) == is_other(o->name))
			fail_msg("--%s: does it change the image or not?", o->name);
		n += ohc_strv_has(&names, o->name);
	}
	assert_int_equal(n, names.n);
}

static char *recorded(const struct ohc_push_options *o, const int64_t *created)
{
	const struct ohc_inputs in = { .options = o,
				       .created_given = created,
				       .created = created ? *created : 0 };
	ohc_cleanup(ohc_json_decref) json_t *options = ohc_recorded_options(&in);

	return ohc_json_canonical(options);
}

/* Every option is the same after it was recorded and read back. */
static void test_there_and_back(void **state)
{
	static const char all[] =
		"{\"account\":\"a:1\",\"annotation\":[\"a=1\"],\"cmd\":\"[]\",\"compression\":"
		"\"zstd\","
		"\"compression_level\":7,\"created\":\"2023-11-14T22:13:20Z\",\"entrypoint\":\"\","
		"\"env\":[\"B=1\",\"A=2\"],\"expose\":[\"1\"],\"format\":\"oci\",\"label\":[\"l="
		"1\"],"
		"\"mtime\":\"epoch\",\"no_account\":true,\"on_uid_clash\":\"reuse\","
		"\"owner\":\"1:2\",\"stop_signal\":\"TERM\",\"unset_env\":[\"C\"],\"user\":\"0\","
		"\"volume\":[\"/v\"],\"workdir\":\"/w\"}";
	const int64_t created = 1700000000;
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;

	(void)state;
	assert_ok(ohc_json_parse(all, strlen(all), "all", &doc, &err), &err);
	assert_ok(ohc_recorded_read(doc, "x", &o, &err), &err);
	assert_string_equal(o.created, "2023-11-14T22:13:20Z");
	assert_true(o.no_account);
	assert_int_equal(o.level, 7);
	assert_string_equal(o.env.v[1], "A=2");
	text = recorded(&o, &created);
	assert_string_equal(text, all);
	ohc_recorded_clear(&o);
}

/* Two ways to say nothing are one image. */
static void test_what_is_usual_is_left_out(void **state)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	ohc_cleanup(ohc_freep) char *none = recorded(&o, NULL), *usual = NULL;

	(void)state;
	o.format = "auto";
	o.compression = "gzip";
	o.mtime = "preserve";
	o.on_uid_clash = "fail";
	o.check = "warn";
	o.platform = "linux/amd64";
	usual = recorded(&o, NULL);
	assert_string_equal(none, "{}");
	assert_string_equal(usual, "{}");
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{\"env\":{\"A\":\"1\"}}", "x: 'options.env' is not an array of strings" },
		{ "{\"remote\":1}", "x: 'options.remote' is unknown" },
		{ "{\"user\":null}", "x: 'options.user' is not a string" },
		{ "{\"compression_level\":-3}", "x: 'options.compression_level' is no level" },
		{ "{\"no_account\":1}", "x: 'options.no_account' is neither true nor false" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
		ohc_cleanup(ohc_json_decref) json_t *doc = NULL;

		assert_ok(ohc_json_parse(rows[i].text, strlen(rows[i].text), "x", &doc, &err),
			  &err);
		assert_fails(ohc_recorded_read(doc, "x", &o, &err), OHC_E_FORMAT, &err,
			     rows[i].message);
		ohc_recorded_clear(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_option_of_push),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_usual_is_left_out),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
