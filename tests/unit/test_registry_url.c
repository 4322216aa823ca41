// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "registry/link.h"
#include "registry/url.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text, *scheme, *authority, *path, *query;
	} rows[] = {
		{ "https://h/v2/", "https", "h", "/v2/", NULL },
		{ "HTTP://Host.Example:5000", "http", "host.example:5000", "/", NULL },
		{ "http://[::1]:5/a?b=c&d", "http", "[::1]:5", "/a", "b=c&d" },
		{ "https://h?x=1#frag", "https", "h", "/", "x=1" },
		{ "https://h/a/b?u=http://x/?y", "https", "h", "/a/b", "u=http://x/?y" },
	};
	struct ohc_url u;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_url_parse(rows[i].text, &u, &err), &err);
		assert_string_equal(u.scheme, rows[i].scheme);
		assert_string_equal(u.authority, rows[i].authority);
		assert_string_equal(u.path, rows[i].path);
		if (rows[i].query)
			assert_string_equal(u.query, rows[i].query);
		else
			assert_null(u.query);
		ohc_url_clear(&u);
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"ftp://h/",        "file:///etc/passwd", "//h/x",          "",
		"https://",        "https:///x",         "https://h:x/",   "https://u:p@h/",
		"https://h/a b",   "https://h/\r\nX: y", "https://h\\@x/", "https://h\x7f/",
		"https://[::1/",   "https://[]/",        "https://h%2e/",  "https://:80/",
		"javascript:x://", "https://h/\xc3\xa9",
	};
	struct ohc_url u;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_int_equal(ohc_url_parse(bad[i], &u, NULL), -OHC_E_FORMAT);
}

/* A refusal shows neither user information nor the query. */
static void test_secrets(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_url u;

	(void)state;
	assert_int_equal(ohc_url_parse("https://user:secret@h/p?sig=secret", &u, &err),
			 -OHC_E_FORMAT);
	assert_null(strstr(err.msg, "secret"));
	assert_non_null(strstr(err.msg, "https://h/p"));
}

/* RFC 3986, 5.4, as far as it is about http, and what registries send. */
static void test_resolve(void **state)
{
	static const char base[] = "http://a/b/c/d;p?q";
	static const struct {
		const char *ref, *is;
	} rows[] = {
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "g#s", "http://a/b/c/g" },
		{ ";x", "http://a/b/c/;x" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "https://other:5/x?_state=a%3D", "https://other:5/x?_state=a%3D" },
		{ "/v2/r/blobs/uploads/1?_state=x==&y",
		  "http://a/v2/r/blobs/uploads/1?_state=x==&y" },
	};
	struct ohc_error err = OHC_ERROR_INIT;
	char *got;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		assert_ok(ohc_url_resolve(base, rows[i].ref, &got, &err), &err);
		assert_string_equal(got, rows[i].is);
		free(got);
	}
	assert_int_equal(ohc_url_resolve(base, "ftp://x/", &got, NULL), -OHC_E_FORMAT);
	assert_int_equal(ohc_url_resolve(base, "g:h", &got, NULL), -OHC_E_FORMAT);
	assert_int_equal(ohc_url_resolve(base, "/a\nb", &got, NULL), -OHC_E_FORMAT);
}

static void test_query(void **state)
{
	static const struct {
		const char *url, *is;
	} rows[] = {
		{ "http://h/x", "http://h/x?digest=sha256%3Aab" },
		{ "http://h/x?", "http://h/x?digest=sha256%3Aab" },
		{ "http://h/x?_state=a=", "http://h/x?_state=a=&digest=sha256%3Aab" },
		{ "http://h/x?a&", "http://h/x?a&digest=sha256%3Aab" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *got = ohc_url_add_query(rows[i].url, "digest", "sha256:ab");

		assert_string_equal(got, rows[i].is);
		free(got);
	}
}

static void test_origin(void **state)
{
	(void)state;
	assert_true(ohc_url_same_origin("https://h/a", "https://H:443/b"));
	assert_true(ohc_url_same_origin("http://h:80/a", "http://h"));
	assert_false(ohc_url_same_origin("http://h/", "https://h/"));
	assert_false(ohc_url_same_origin("https://h/", "https://h:444/"));
	assert_false(ohc_url_same_origin("https://h/", "https://h.evil/"));
	assert_false(ohc_url_same_origin("https://h/", "nonsense"));
}

static void test_loopback(void **state)
{
	static const char *const yes[] = { "localhost", "LOCALHOST:1", "127.0.0.1:5000",
					   "127.9.9.9", "[::1]:5",     "[::1]" };
	static const char *const no[] = { "localhost.evil.example", "128.0.0.1", "10.0.0.1:5",
					  "127.0.0.1.example",      "[::2]",     "example",
					  "[::ffff:10.0.0.1]" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(yes); i++)
		assert_true(ohc_url_host_is_loopback(yes[i]));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(no); i++)
		assert_false(ohc_url_host_is_loopback(no[i]));
}

static void test_link(void **state)
{
	static const struct {
		const char *value, *next;
		enum ohc_link what;
	} rows[] = {
		{ "</v2/a/tags/list?n=2&last=b>; rel=\"next\"", "/v2/a/tags/list?n=2&last=b",
		  OHC_LINK_NEXT },
		{ "<x>; rel=next", "x", OHC_LINK_NEXT },
		{ "<x>;rel = \"prev next\"", "x", OHC_LINK_NEXT },
		{ "<a>; rel=\"prev\", <b,c>; title=\"x, y\"; rel=\"next\"", "b,c", OHC_LINK_NEXT },
		{ "<a>; rel=first , <b>; rel=next, <c>; rel=next", "b", OHC_LINK_NEXT },
		{ "<a>; title=\"; rel=next\"", NULL, OHC_LINK_NONE },
		{ "<a>; title=\"a\\\"; rel=next\"", NULL, OHC_LINK_NONE },
		{ "<a>; title=\"rel=next\"", NULL, OHC_LINK_NONE },
		{ "<a>", NULL, OHC_LINK_NONE },
		{ "<a>; rel=nextish", NULL, OHC_LINK_NONE },
		{ "", NULL, OHC_LINK_NONE },
		{ " , ,", NULL, OHC_LINK_NONE },
		{ "<a>; REL=NEXT", "a", OHC_LINK_NEXT },
		{ "<a>; relation=next", NULL, OHC_LINK_NONE },
		{ "<a>; rel=prev, <b; rel=next", NULL, OHC_LINK_BROKEN },
		{ "<a; rel=next", NULL, OHC_LINK_BROKEN },
		{ "x; rel=next", NULL, OHC_LINK_BROKEN },
		{ "x; rel=prev", NULL, OHC_LINK_NONE },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *got = NULL;

		if (ohc_link_next(rows[i].value, &got) != rows[i].what)
			fail_msg("row %zu", i);
		if (rows[i].next)
			assert_string_equal(got, rows[i].next);
		else
			assert_null(got);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_secrets),  cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_query),    cmocka_unit_test(test_origin),
		cmocka_unit_test(test_loopback), cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
