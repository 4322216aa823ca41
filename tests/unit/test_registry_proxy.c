// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "registry/proxy.h"

static void test_exceptions(void **state)
{
	static const struct {
		const char *list, *host, *port;
		bool excepted;
	} rows[] = {
		{ "", "a.example.com", "443", false },
		{ "*", "a.example.com", "443", true },
		{ "x, * ", "a.example.com", "443", true },
		{ "example.com", "example.com", "443", true },
		{ "example.com", "a.example.com", "443", true },
		{ "Example.COM", "a.example.com", "443", true },
		{ "example.com", "badexample.com", "443", false },
		{ "example.com", "example.com.evil.org", "443", false },
		{ ".example.com", "a.b.example.com", "443", true },
		{ ".example.com", "example.com", "443", false },
		{ "*.example.com", "a.example.com", "443", true },
		{ "*.example.com", "example.com", "443", false },
		{ "a.*.com", "a.b.com", "443", false },
		{ "example.com:5000", "example.com", "5000", true },
		{ "example.com:5000", "a.example.com", "5000", true },
		{ "example.com:5000", "example.com", "443", false },
		{ ":5000", "example.com", "5000", false },
		{ "x,, ,example.com ,y", "example.com", "443", true },
		{ "192.0.2.1", "192.0.2.1", "443", true },
		{ "192.0.2.1", "192.0.2.10", "443", false },
		{ "192.0.2.1:80", "192.0.2.1", "443", false },
		{ "192.0.2.1:443", "192.0.2.1", "443", true },
		{ "192.0.2.0/24", "192.0.2.255", "5000", true },
		{ "192.0.2.0/24", "192.0.3.0", "5000", false },
		{ "192.0.2.128/25", "192.0.2.128", "5000", true },
		{ "192.0.2.128/25", "192.0.2.127", "5000", false },
		{ "192.0.2.128/25", "192.0.2.200", "5000", true },
		{ "0.0.0.0/0", "203.0.113.9", "443", true },
		{ "0.0.0.0/0", "example.com", "443", false },
		{ "192.0.2.0/33", "192.0.2.1", "443", false },
		{ "192.0.2.0/", "192.0.2.0", "443", false },
		{ "2001:db8::/32", "[2001:db8:1::2]", "443", true },
		{ "2001:db8::/32", "[2001:db9::2]", "443", false },
		{ "2001:db8::1", "[2001:db8:0::1]", "443", true },
		{ "[2001:db8::1]:80", "[2001:db8::1]", "80", true },
		{ "[2001:db8::1]:80", "[2001:db8::1]", "443", false },
		{ "10.0.0.0/8", "[::a00:1]", "443", false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++)
		if (ohc_proxy_is_excepted(rows[i].list, rows[i].host, rows[i].port) !=
		    rows[i].excepted)
			fail_msg("'%s', %s, %s", rows[i].list, rows[i].host, rows[i].port);
}

static const char *const variables[] = { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy",
					 "ALL_PROXY",  "all_proxy",  "NO_PROXY",    "no_proxy" };

static void clear_environment(void)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
}

static void test_forms(void **state)
{
	static const struct {
		const char *value, *url, *shown;
	} rows[] = {
		{ "p.example", "http://p.example:80", "p.example:80" },
		{ "p.example:3128", "http://p.example:3128", "p.example:3128" },
		{ "http://p.example", "http://p.example:80", "p.example:80" },
		{ "http://p.example:", "http://p.example:80", "p.example:80" },
		{ "http://P.example:3128/x?y", "http://p.example:3128", "p.example:3128" },
		{ "HTTPS://p.example", "https://p.example:443", "p.example:443" },
		{ "socks5://p.example", "socks5h://p.example:1080", "p.example:1080" },
		{ "socks5h://p.example:1", "socks5h://p.example:1", "p.example:1" },
		{ "http://u:s3cret@p.example:1", "http://u:s3cret@p.example:1", "p.example:1" },
		{ "u:s3@cret@p.example", "http://u:s3@cret@p.example:80", "p.example:80" },
		{ "[2001:db8::1]:3128", "http://[2001:db8::1]:3128", "[2001:db8::1]:3128" },
		{ "http://[2001:db8::1]", "http://[2001:db8::1]:80", "[2001:db8::1]:80" },
		{ "ftp://u:s3cret@p.example", NULL, NULL },
		{ "http://", NULL, NULL },
		{ "http://u:s3cret@", NULL, NULL },
		{ "u:s3cret@p.example:x", NULL, NULL },
		{ "http://p example", NULL, NULL },
		{ "u:s3cret@p.example:65536", NULL, NULL },
		{ "u:s3cret@p.example:0", NULL, NULL },
		{ "://p.example", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_proxy_clear) struct ohc_proxy p = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		clear_environment();
		setenv("HTTPS_PROXY", rows[i].value, 1);
		if (!rows[i].url) {
			assert_fails(ohc_proxy_find("https://r.example/v2/", &p, &err), OHC_E_USAGE,
				     &err, "HTTPS_PROXY does not name a proxy");
			assert_null(strstr(err.msg, "s3cret"));
			continue;
		}
		assert_ok(ohc_proxy_find("https://r.example/v2/", &p, &err), &err);
		assert_string_equal(p.url, rows[i].url);
		assert_string_equal(p.shown, rows[i].shown);
		assert_string_equal(p.variable, "HTTPS_PROXY");
	}
}

/* Shows what a proxy gets to see of them, and that curl gets no URL to quote. */
static void test_passwords(void **state)
{
	static const struct {
		const char *value, *user, *password;
	} rows[] = {
		{ "p.example", NULL, NULL },
		{ "u@p.example", "u", "" },
		{ "http://u:s3@cret@p.example", "u", "s3@cret" },
		{ "http://u:s3 cr:et@p.example", "u", "s3 cr:et" },
		{ "http://d%5Cu:s3%40cret%@p.example", "d\\u", "s3@cret%" },
		{ "socks5://u:%zz@p.example", "u", "%zz" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_proxy_clear) struct ohc_proxy p = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		clear_environment();
		setenv("HTTPS_PROXY", rows[i].value, 1);
		assert_ok(ohc_proxy_find("https://r.example/v2/", &p, &err), &err);
		assert_null(strchr(p.address, '@'));
		assert_string_equal(p.user ? p.user : "none", rows[i].user ? rows[i].user : "none");
		assert_string_equal(p.password ? p.password : "none",
				    rows[i].password ? rows[i].password : "none");
	}
}

/* Which of the variables counts, for which URL? */
static void test_variables(void **state)
{
	static const struct {
		const char *url, *set[3], *variable;
	} rows[] = {
		{ "https://r.example/", { "HTTPS_PROXY=p" }, "HTTPS_PROXY" },
		{ "https://r.example/", { "https_proxy=p" }, "https_proxy" },
		{ "https://r.example/", { "https_proxy=p", "HTTPS_PROXY=q" }, "HTTPS_PROXY" },
		{ "https://r.example/", { "https_proxy=p", "HTTPS_PROXY=" }, "https_proxy" },
		{ "https://r.example/", { "HTTP_PROXY=p", "ALL_PROXY=p", "all_proxy=p" }, NULL },
		{ "http://r.example/", { "HTTP_PROXY=p" }, "HTTP_PROXY" },
		{ "http://r.example/", { "http_proxy=p" }, "http_proxy" },
		{ "http://r.example/", { "HTTPS_PROXY=p" }, NULL },
		{ "http://r.example/", { "HTTP_PROXY=p", "NO_PROXY=r.example" }, NULL },
		{ "http://r.example/", { "HTTP_PROXY=p", "no_proxy=r.example" }, NULL },
		{ "http://r.example/",
		  { "HTTP_PROXY=p", "no_proxy=r.example", "NO_PROXY=x" },
		  "HTTP_PROXY" },
		{ "http://r.example/", { "HTTP_PROXY=p", "NO_PROXY=r.example:80" }, NULL },
		{ "https://r.example/", { "HTTPS_PROXY=p", "NO_PROXY=r.example:443" }, NULL },
		{ "https://r.example:5000/", { "HTTPS_PROXY=p", "NO_PROXY=r.example:5000" }, NULL },
		{ "https://r.example:5000/",
		  { "HTTPS_PROXY=p", "NO_PROXY=r.example:443" },
		  "HTTPS_PROXY" },
		{ "http://localhost:5000/", { "HTTP_PROXY=p" }, NULL },
		{ "http://127.0.0.2/", { "HTTP_PROXY=p" }, NULL },
		{ "http://[::1]:5000/", { "HTTP_PROXY=p" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_proxy_clear) struct ohc_proxy p = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		clear_environment();
		for (size_t j = 0; j < 3 && rows[i].set[j]; j++) {
			const char *eq = strchr(rows[i].set[j], '=');
			ohc_cleanup(ohc_freep) char *name =
				ohc_xstrndup(rows[i].set[j], (size_t)(eq - rows[i].set[j]));

			setenv(name, eq + 1, 1);
		}
		assert_ok(ohc_proxy_find(rows[i].url, &p, &err), &err);
		if (!rows[i].variable != !p.url ||
		    (p.url && strcmp(p.variable, rows[i].variable) != 0))
			fail_msg("row %zu: %s by %s", i, rows[i].url, p.url ? p.variable : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
