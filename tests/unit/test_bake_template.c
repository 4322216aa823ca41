// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "compose/bake/template.h"
#include "core/alloc.h"
#include "oci/documents/name.h"

static char *expand(const char *template, const char *base)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_name name;
	struct ohc_template_values v = { { NULL } };
	char *slug, *repo, *tag, *text;

	assert_ok(ohc_name_parse(base, &name, &err), &err);
	assert_ok(ohc_template_check(template, NULL, &err), &err);
	v.v[OHC_TEMPLATE_BASE_SLUG] = slug = ohc_template_slug(&name);
	v.v[OHC_TEMPLATE_BASE_REPO] = repo = ohc_template_repo(&name);
	v.v[OHC_TEMPLATE_BASE_TAG] = tag = ohc_template_tag(&name);
	v.v[OHC_TEMPLATE_ARCH] = "amd64";
	text = ohc_template_expand(template, &v);
	free(slug);
	free(repo);
	free(tag);
	ohc_name_clear(&name);
	return text;
}

static void test_values(void **state)
{
	static const struct {
		const char *template, *base, *want;
	} rows[] = {
		{ "r.io/x:{base.slug}", "ubuntu:22.04", "r.io/x:ubuntu-22.04" },
		{ "r.io/x:{base.slug}", "ubuntu", "r.io/x:ubuntu-latest" },
		{ "r.io/x:{base.slug}", "me/app:1", "r.io/x:me-app-1" },
		{ "r.io/x:{base.slug}", "ghcr.io/me/app:1", "r.io/x:ghcr.io-me-app-1" },
		{ "r.io/x:{base.slug}", "localhost:5000/a__b:1", "r.io/x:localhost-5000-a__b-1" },
		{ "r.io/x:{base.slug}", "oci:/tmp/lay:t", "r.io/x:tmp-lay-t" },
		{ "r.io/x:{base.slug}", "scratch", "r.io/x:scratch" },
		{ "r.io/{base.repo}:{base.tag}", "ubuntu:22.04", "r.io/library/ubuntu:22.04" },
		{ "r.io:5000/{base.repo}:v1-{arch}", "a.io/b/c:T", "r.io:5000/b/c:v1-amd64" },
		{ "r.io/{base.slug}:1", "ubuntu:22.04", "r.io/ubuntu-22.04:1" },
		{ "r.io/{base.tag}:1", "ubuntu:X_Y..Z-", "r.io/x_y.z:1" },
		{ "oci:out:{base.slug}", "ubuntu:22.04", "oci:out:ubuntu-22.04" },
		{ "r.io/x:{base.slug}", "oci:.:t", "r.io/x:_t" },
		{ "r.io/x:v-{base.slug}", "oci:.:t", "r.io/x:v--t" },
		{ "r.io/x:{base.repo}-{base.tag}", "oci:../lay:t", "r.io/x:_.-lay-t" },
		{ "plain", "ubuntu", "plain" },
		{ "r.io/x:{base.tag}-{base.digest}", "ubuntu:1", "r.io/x:1-{base.digest}" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *got;

		got = expand(rows[i].template, rows[i].base);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

/* Invalid characters in a tag are replaced; one that is too long is cut, with a hash at its end. */
static void test_long(void **state)
{
	struct ohc_template_values v = { { NULL } };
	char value[201], *a, *b;

	(void)state;
	memset(value, 'x', 200);
	value[200] = 0;
	v.v[OHC_TEMPLATE_BASE_SLUG] = value;
	a = ohc_template_expand("r.io/x:{base.slug}", &v);
	assert_int_equal(strlen(a), strlen("r.io/x:") + 128);
	assert_int_equal(ohc_name_tag_check(a + strlen("r.io/x:"), NULL), 0);
	value[199] = 'y';
	b = ohc_template_expand("r.io/x:{base.slug}", &v);
	assert_int_equal(strncmp(a, b, strlen("r.io/x:") + 115), 0);
	assert_string_not_equal(a, b);
	free(b);
	value[199] = 'x';
	b = ohc_template_expand("r.io/x:{base.slug}", &v);
	assert_string_equal(a, b);
	free(a);
	free(b);
	memset(value, 0, sizeof(value));
	memset(value, 'z', 128);
	a = ohc_template_expand("r.io/x:{base.slug}", &v);
	assert_string_equal(a + strlen("r.io/x:"), value);
	free(a);
}

static void test_digest(void **state)
{
	struct ohc_template_values v = { { NULL } };
	char *text;

	(void)state;
	v.v[OHC_TEMPLATE_PAYLOAD_DIGEST] = SHA_A;
	text = ohc_template_expand("r.io/x:p-{payload.digest}", &v);
	assert_string_equal(text,
			    "r.io/x:p-sha256-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			    "aaaaaaaaaaaaaaa");
	free(text);
}

static void test_bad(void **state)
{
	static const struct {
		const char *template, *says;
	} rows[] = {
		{ "r.io/x:{base.slag}", "did you mean '{base.slug}'" },
		{ "r.io/x:{zzz}", "there are {base.slug}" },
		{ "r.io/x:{base.slug", "a '{' is not closed" },
		{ "r.io/x:{a{base.slug}", "a '{' is not closed" },
		{ "r.io/x:{}", "'{}' is unknown" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(ohc_template_check(rows[i].template, NULL, &err), OHC_E_USAGE, &err,
			     rows[i].says);
	}
}

static void test_uses(void **state)
{
	unsigned int uses = 0;

	(void)state;
	assert_int_equal(ohc_template_check("x:{base.tag}-{base.digest}", &uses, NULL), 0);
	assert_int_equal(uses, 1u << OHC_TEMPLATE_BASE_TAG | 1u << OHC_TEMPLATE_BASE_DIGEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_long),
		cmocka_unit_test(test_digest), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
