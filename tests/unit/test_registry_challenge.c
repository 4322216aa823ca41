// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "registry/challenge.h"
#include "registry/scope.h"

static const struct row {
	const char *line;
	bool basic, bearer;
	const char *realm, *service, *error;
	const char *scopes; /* joined by '|' */
} rows[] = {
	{ "Basic realm=\"x\"", true, false, NULL, NULL, NULL, "" },
	{ "basic", true, false, NULL, NULL, NULL, "" },
	{ "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"", false,
	  true, "https://auth.docker.io/token", "registry.docker.io", NULL, "" },
	{ "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a/b:pull,push\"", false,
	  true, "https://a/t", "s", NULL, "repository:a/b:pull,push" },
	/* several scopes, as a mount is answered */
	{ "Bearer realm=\"https://a/t\",scope=\"repository:a:pull,push repository:b:pull\",error="
	  "\"insufficient_scope\"",
	  false, true, "https://a/t", NULL, "insufficient_scope",
	  "repository:a:pull,push|repository:b:pull" },
	/* two challenges in one line, either way round */
	{ "Basic realm=\"basic, really\", Bearer realm=\"https://a/t\"", true, true, "https://a/t",
	  NULL, NULL, "" },
	{ "Bearer realm=\"https://a/t\", Basic realm=\"b\"", true, true, "https://a/t", NULL, NULL,
	  "" },
	{ "Negotiate, Basic realm=x", true, false, NULL, NULL, NULL, "" },
	{ "Negotiate dG9rZW4=, Bearer realm=\"https://a/t\"", false, true, "https://a/t", NULL,
	  NULL, "" },
	/* escapes, blanks, no quotes */
	{ "Bearer realm=\"https://a/\\\"t\\\"\" , service = s", false, true, "https://a/\"t\"", "s",
	  NULL, "" },
	{ "BEARER REALM=https://a/t,SERVICE=s", false, true, "https://a/t", "s", NULL, "" },
	/* nonsense */
	{ "", false, false, NULL, NULL, NULL, "" },
	{ ",,, ,", false, false, NULL, NULL, NULL, "" },
	{ "Bearer realm=\"never ends", false, true, "never ends", NULL, NULL, "" },
	{ "Bearer realm=", false, true, "", NULL, NULL, "" },
	{ "=x, \"y\", Basic", true, false, NULL, NULL, NULL, "" },
	{ "Digest realm=\"r\", nonce=\"n\"", false, false, NULL, NULL, NULL, "" },
};

static void same(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_challenge c = OHC_CHALLENGE_INIT;
		char joined[256] = "";

		ohc_challenge_parse(rows[i].line, &c);
		assert_int_equal(c.basic, rows[i].basic);
		assert_int_equal(c.bearer, rows[i].bearer);
		same(c.realm, rows[i].realm);
		same(c.service, rows[i].service);
		same(c.error, rows[i].error);
		for (size_t k = 0; k < c.scopes.n; k++) {
			strcat(joined, k ? "|" : "");
			strcat(joined, c.scopes.v[k]);
		}
		assert_string_equal(joined, rows[i].scopes);
		ohc_challenge_clear(&c);
	}
}

/* Several lines add up. */
static void test_lines(void **state)
{
	struct ohc_challenge c = OHC_CHALLENGE_INIT;

	(void)state;
	ohc_challenge_parse("Basic realm=x", &c);
	ohc_challenge_parse("Bearer realm=\"https://a/t\"", &c);
	assert_true(c.basic && c.bearer);
	ohc_challenge_clear(&c);
}

/* A hostile line costs no more than its length. */
static void test_many_scopes(void **state)
{
	struct ohc_challenge c = OHC_CHALLENGE_INIT;
	char line[8192] = "Bearer scope=\"";

	(void)state;
	for (int i = 0; i < 300; i++)
		sprintf(line + strlen(line), "repository:%d:pull ", i);
	ohc_challenge_parse(line, &c);
	assert_int_equal(c.scopes.n, 16);
	ohc_challenge_clear(&c);
}

static void test_covers(void **state)
{
	static const struct {
		const char *have, *want;
		bool is;
	} list[] = {
		{ "repository:a:pull", "repository:a:pull", true },
		{ "repository:a:pull,push", "repository:a:pull", true },
		{ "repository:a:pull,push", "repository:a:push,pull", true },
		{ "repository:a:pull", "repository:a:pull,push", false },
		{ "repository:a:*", "repository:a:delete", true },
		{ "repository:a:pull", "repository:b:pull", false },
		{ "repository:ab:pull", "repository:a:pull", false },
		{ "repository:h:5/a:pull", "repository:h:5/a:pull", true },
		{ "repository:a:pullx", "repository:a:pull", false },
		{ "nonsense", "nonsense", false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(list); i++) {
		struct ohc_strv have = OHC_STRV_INIT, want = OHC_STRV_INIT;

		ohc_strv_add(&have, list[i].have);
		ohc_strv_add(&want, list[i].want);
		assert_int_equal(ohc_scope_covers(&have, &want), list[i].is);
		ohc_strv_clear(&have);
		ohc_strv_clear(&want);
	}
}

static void test_add(void **state)
{
	struct ohc_strv list = OHC_STRV_INIT;

	(void)state;
	ohc_scope_add(&list, "repository:a:pull");
	ohc_scope_add(&list, "repository:b:pull");
	ohc_scope_add(&list, "repository:a:pull,push");
	ohc_scope_add(&list, "no scope");
	ohc_scope_add(&list, "a:b");
	ohc_scope_add(&list, "repository:c:");
	ohc_scope_add(&list, "repository:c:pu ll");
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0], "repository:a:pull,push");
	assert_string_equal(list.v[1], "repository:b:pull");
	ohc_strv_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),        cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many_scopes), cmocka_unit_test(test_covers),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
