// SPDX-License-Identifier: Apache-2.0
/* compose/image/image.h: what of the base goes on, what must not, and who has the last word. */
#include "unit.h"

#include "compose/image/image.h"
#include "core/alloc.h"

static struct ohc_transports *transports;
static struct ohc_error err;

/* A base as the image of an index, and what comes of it. */
struct made {
	struct ohc_push_options options;
	struct ohc_inputs in;
	struct ohc_base base;
	struct ohc_image image;
};

static void begin(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->options = (struct ohc_push_options)OHC_PUSH_OPTIONS_INIT;
	m->options.base = "oci:/some/where:base";
	m->options.dest = "oci:nowhere:1";
	m->options.profile = "none";
	ohc_platform_set(&m->base.image.platform, "linux", "amd64", "");
	ohc_manifest_init(&m->base.image.manifest, OHC_FAMILY_OCI);
	json_object_set_new(m->base.image.manifest.doc, "subject",
			    json_pack("{s:s}", "digest", SHA_C));
	ohc_descriptor_set(&m->base.image.root, OHC_MEDIA_OCI_INDEX, SHA_A, 1);
	ohc_descriptor_set(&m->base.image.manifest.self, OHC_MEDIA_OCI_MANIFEST, SHA_B, 1);
	m->base.image.config = ohc_config_new(&m->base.image.platform);
	json_object_set_new(m->base.image.config, "created", json_string("2021-02-03T04:05:06Z"));
	assert_ok(ohc_config_env(m->base.image.config, NULL, "WHO=base", &err), &err);
}

static void make(struct made *m, const struct ohc_strv *env)
{
	assert_ok(ohc_inputs_read(&m->options, transports, NULL, &m->in, &err), &err);
	assert_ok(ohc_image_init(&m->image, &m->in, &m->base, env, env ? 1 : 0, &err), &err);
}

static void end(struct made *m)
{
	ohc_image_clear(&m->image);
	ohc_base_clear(&m->base);
	ohc_inputs_clear(&m->in);
	ohc_strv_clear(&m->options.env);
}

static const char *annotation(const struct made *m, const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(m->image.manifest.doc, "annotations"), key));
}

static const char *created(const struct made *m)
{
	return json_string_value(json_object_get(m->image.config, "created"));
}

/* With the base's subject, the new image would be a referrer of what the base refers to. */
static void test_subject_is_not_inherited(void **state)
{
	struct made m;

	(void)state;
	begin(&m);
	make(&m, NULL);
	assert_null(json_object_get(m.image.manifest.doc, "subject"));
	assert_non_null(json_object_get(m.base.image.manifest.doc, "subject"));
	end(&m);
}

static void test_base_is_named(void **state)
{
	struct made m;

	(void)state;
	begin(&m);
	make(&m, NULL);
	assert_string_equal(annotation(&m, "org.opencontainers.image.base.name"), "base");
	assert_string_equal(annotation(&m, "org.opencontainers.image.base.digest"), SHA_A);
	end(&m);
	begin(&m);
	m.options.base = "ubuntu:22.04";
	make(&m, NULL);
	assert_string_equal(annotation(&m, "org.opencontainers.image.base.name"),
			    "docker.io/library/ubuntu:22.04");
	end(&m);
	begin(&m);
	m.options.base = "scratch";
	make(&m, NULL);
	assert_null(annotation(&m, "org.opencontainers.image.base.name"));
	end(&m);
}

static void expect_created(const char *of_base, const char *given, const char *want)
{
	struct made m;

	begin(&m);
	json_object_del(m.base.image.config, "created");
	if (of_base)
		json_object_set_new(m.base.image.config, "created", json_string(of_base));
	m.options.created = given;
	make(&m, NULL);
	assert_string_equal(created(&m), want);
	assert_string_equal(m.image.created, want);
	end(&m);
}

static void test_created(void **state)
{
	(void)state;
	expect_created("2021-02-03T04:05:06Z", NULL, "2021-02-03T04:05:06Z");
	expect_created("2021-02-03T04:05:06.789+01:00", NULL, "2021-02-03T03:05:06Z");
	expect_created("2021-02-03T04:05:06Z", "2022-01-01T00:00:00Z", "2022-01-01T00:00:00Z");
	expect_created("2021-02-03T04:05:06Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
	expect_created(NULL, NULL, "1970-01-01T00:00:00Z");
	expect_created("yesterday", NULL, "1970-01-01T00:00:00Z");
}

static void expect_who(const struct ohc_strv *payload, const char *option, const char *want)
{
	struct made m;

	begin(&m);
	if (option)
		ohc_strv_add(&m.options.env, option);
	make(&m, payload);
	assert_string_equal(ohc_config_get_env(m.image.config, "WHO"), want);
	assert_string_equal(ohc_config_get_env(m.base.image.config, "WHO"), "base");
	end(&m);
}

/* The base's, the payload's, and --env: the later counts, and may build on the base's value. */
static void test_who_has_the_last_word(void **state)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv payload = OHC_STRV_INIT;

	(void)state;
	expect_who(NULL, NULL, "base");
	ohc_strv_add(&payload, "WHO=payload");
	expect_who(&payload, NULL, "payload");
	expect_who(&payload, "WHO=option", "option");
	expect_who(&payload, "WHO=$WHO+", "base+");
}

static int setup(void **state)
{
	static const struct ohc_registry_options none = { 0 };

	(void)state;
	transports = ohc_transports_new(&none, &none);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ohc_transports_free(transports);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subject_is_not_inherited),
		cmocka_unit_test(test_base_is_named),
		cmocka_unit_test(test_created),
		cmocka_unit_test(test_who_has_the_last_word),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
