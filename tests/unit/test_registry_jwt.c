// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "core/base64.h"
#include "registry/jwt.h"

/* A token with these claims, in the alphabet of URLs and without padding. */
static char *token(const char *claims)
{
	ohc_cleanup(ohc_freep) char *b = ohc_base64_encode(claims, strlen(claims));
	char *p;

	for (p = b; *p && *p != '='; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	*p = '\0';
	return ohc_xasprintf("e30.%s.c2ln", b);
}

#define ENTRY(name, actions) \
	"{\"type\":\"repository\",\"name\":\"" name "\",\"actions\":[" actions "]}"

static void test_grants(void **state)
{
	static const struct {
		const char *claims;
		bool push;
	} rows[] = {
		{ "{\"access\":[" ENTRY("a/b", "\"pull\",\"push\"") "]}", true },
		{ "{\"access\":[" ENTRY("x", "\"push\"") "," ENTRY("a/b", "\"push\"") "]}", true },
		{ "{\"access\":[" ENTRY("a/b", "\"*\"") "]}", true },
		{ "{\"access\":[" ENTRY("a/b", "\"push\"") "],\"jti\":\"\xc3\xbf\xc3\xbe~~>>\"}",
		  true },
		{ "{\"access\":[" ENTRY("a/b", "\"pull\"") "]}", false },
		{ "{\"access\":[" ENTRY("a/b", "") "]}", false },
		{ "{\"access\":[" ENTRY("a/bc", "\"push\"") "]}", false },
		{ "{\"access\":[" ENTRY("a", "\"push\"") "]}", false },
		{ "{\"access\":[{\"type\":\"registry\",\"name\":\"a/b\",\"actions\":[\"push\"]}]}",
		  false },
		{ "{\"access\":[{\"type\":1,\"name\":2,\"actions\":3}, 4, null]}", false },
		{ "{\"access\":[]}", false },
		{ "{\"access\":null}", false },
		{ "{\"access\":\"push\"}", false },
		{ "{}", false },
		{ "[]", false },
		{ "", false },
		{ "{\"access\":", false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *t = token(rows[i].claims);

		if (ohc_jwt_grants(t, "a/b", "push") != rows[i].push)
			fail_msg("%s", rows[i].claims);
	}
}

static void test_no_jwt(void **state)
{
	static const char *const tokens[] = {
		"", "opaque", "a.b", ".", "..", "...", "a..b", "a.!!!!.b", "a.e30.", "djE6b3BhcXVl"
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(tokens); i++)
		assert_false(ohc_jwt_grants(tokens[i], "a/b", "push"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_no_jwt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
