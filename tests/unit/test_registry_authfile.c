// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "registry/authfile.h"
#include "registry/login.h"

static json_t *parse(const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	assert_ok(ohc_json_parse(text, strlen(text), "the test", &doc, &err), &err);
	return doc;
}

/* Which of these keys matches?  Values are numbers, so that a key can be told. */
static void test_match(void **state)
{
	static const struct {
		const char *keys, *registry, *repo, *hit;
	} rows[] = {
		{ "{\"h\":1}", "h", "a/b", "h" },
		{ "{\"h:5000\":1,\"h\":2}", "h", "a/b", "h" },
		{ "{\"h:5000\":1,\"h\":2}", "h:5000", "a/b", "h:5000" },
		{ "{\"h:5000\":1}", "h", "a/b", NULL },
		{ "{\"h/a\":1,\"h\":2,\"h/a/b\":3}", "h", "a/b", "h/a/b" },
		{ "{\"h/a\":1,\"h\":2,\"h/a/b\":3}", "h", "a/bc", "h/a" },
		{ "{\"h/a\":1,\"h\":2,\"h/a/b\":3}", "h", "a/b/c", "h/a/b" },
		{ "{\"h/a\":1,\"h\":2,\"h/a/b\":3}", "h", "ab", "h" },
		{ "{\"h/a\":1,\"h\":2}", "h", NULL, "h" },
		{ "{\"h/a\":1}", "h", NULL, NULL },
		{ "{\"h/a/\":1}", "h", "a/b", "h/a/" },
		{ "{\"https://h\":1}", "h", "a", "https://h" },
		{ "{\"https://h/v1/\":1}", "h", "a", "https://h/v1/" },
		{ "{\"http://h:5/v2/\":1}", "h:5", "a", "http://h:5/v2/" },
		{ "{\"https://h.evil/\":1}", "h", "a", NULL },
		{ "{\"https://index.docker.io/v1/\":1}", "docker.io", "library/x",
		  "https://index.docker.io/v1/" },
		{ "{\"docker.io\":1,\"https://index.docker.io/v1/\":2}", "docker.io", "u/x",
		  "https://index.docker.io/v1/" },
		{ "{\"docker.io/u\":1,\"https://index.docker.io/v1/\":2}", "docker.io", "u/x",
		  "docker.io/u" },
		{ "{\"index.docker.io/v1/\":1}", "docker.io", "u/x", "index.docker.io/v1/" },
		{ "{\"registry-1.docker.io\":1}", "docker.io", "u/x", "registry-1.docker.io" },
		{ "{\"docker.io.evil\":1,\"notdocker.io\":2}", "docker.io", "u/x", NULL },
		{ "{}", "h", "a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_json_decref) json_t *keys = parse(rows[i].keys);
		const char *key = NULL;
		json_t *v = ohc_authfile_match(keys, rows[i].registry, rows[i].repo, &key);

		assert_int_equal(v != NULL, rows[i].hit != NULL);
		if (v)
			assert_string_equal(key, rows[i].hit);
	}
}

static void test_entries(void **state)
{
	static const struct {
		const char *json, *user, *password, *identity, *token;
	} rows[] = {
		{ "{\"auth\":\"dXNlcjpwYTpzcw==\"}", "user", "pa:ss", NULL, NULL },
		{ "{\"auth\":\"dXNlcjo=\"}", "user", "", NULL, NULL },
		{ "{\"username\":\"u\",\"password\":\"p\"}", "u", "p", NULL, NULL },
		{ "{\"auth\":\"\",\"username\":\"u\",\"password\":\"p\"}", "u", "p", NULL, NULL },
		{ "{\"auth\":\"dXNlcjpw\",\"identitytoken\":\"i\"}", "user", "p", "i", NULL },
		{ "{\"identitytoken\":\"i\"}", NULL, NULL, "i", NULL },
		{ "{\"registrytoken\":\"r\"}", NULL, NULL, NULL, "r" },
		{ "{}", NULL, NULL, NULL, NULL },
		{ "{\"email\":\"x\"}", NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_json_decref) json_t *entry = parse(rows[i].json);
		ohc_cleanup(ohc_credentials_clear) struct ohc_credentials c = OHC_CREDENTIALS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_authfile_entry(entry, "/f", "h", &c, &err), &err);
#define SAME(a, b) assert_string_equal((a) ? (a) : "(none)", (b) ? (b) : "(none)")
		SAME(c.user, rows[i].user);
		SAME(c.password, rows[i].password);
		SAME(c.identity_token, rows[i].identity);
		SAME(c.registry_token, rows[i].token);
		SAME(c.from, i < 7 ? "'/f'" : NULL);
	}
}

/* A message tells the place, and nothing of what stands there. */
static void test_bad_entries(void **state)
{
	static const char *const rows[] = {
		"{\"auth\":\"c2VjcmV0\"}",     "{\"auth\":\"secret!\"}", "{\"auth\":5}",
		"{\"identitytoken\":[\"x\"]}", "{\"username\":true}",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_json_decref) json_t *entry = parse(rows[i]);
		ohc_cleanup(ohc_credentials_clear) struct ohc_credentials c = OHC_CREDENTIALS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(ohc_authfile_entry(entry, "/f", "h", &c, &err), OHC_E_FORMAT, &err,
			     "'/f', auths of 'h'");
		assert_null(strstr(err.msg, "secret"));
		assert_null(strstr(err.msg, "c2VjcmV0"));
	}
}

static void test_load(void **state)
{
	char path[] = "/tmp/ohc-authfile.XXXXXX";
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_ok(ohc_authfile_load(path, true, &doc, &err), &err); /* empty */
	assert_null(doc);
	assert_ok(ohc_file_write(path, "{\n\"auths\": {\n}", 14, 0600, &err), &err);
	assert_fails(ohc_authfile_load(path, true, &doc, &err), OHC_E_FORMAT, &err, "line 3");
	assert_non_null(strstr(err.msg, path));
	unlink(path);
	assert_fails(ohc_authfile_load(path, true, &doc, &err), OHC_E_NOT_FOUND, &err, path);
	assert_ok(ohc_authfile_load(path, false, &doc, &err), &err);
	assert_null(doc);
}

static void test_login_targets(void **state)
{
	static const struct {
		const char *text, *registry, *repo, *key;
	} rows[] = {
		{ "localhost", "localhost", NULL, "localhost" },
		{ "h.example:5000", "h.example:5000", NULL, "h.example:5000" },
		{ "https://h.example/v2/", "h.example", NULL, "h.example" },
		{ "h.example/", "h.example", NULL, "h.example" },
		{ "h.example/ns/repo", "h.example", "ns/repo", "h.example/ns/repo" },
		{ "docker.io", "docker.io", NULL, OHC_HUB_KEY },
		{ "https://index.docker.io/v1/", "docker.io", NULL, OHC_HUB_KEY },
		{ "docker.io/me", "docker.io", "me", "docker.io/me" },
	};
	static const char *const bad[] = {
		"",           "word",    "h.example:x", "h.example:5000:1", "/x", "https://",
		"h .example", "oci:dir", "a/b/c",       "ftp://h.example"
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_login_target_clear) struct ohc_login_target t = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_login_target(rows[i].text, &t, &err), &err);
		SAME(t.registry, rows[i].registry);
		SAME(t.repo, rows[i].repo);
		SAME(t.key, rows[i].key);
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++) {
		struct ohc_login_target t = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(ohc_login_target(bad[i], &t, &err), OHC_E_USAGE, &err,
			     "is no registry");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),         cmocka_unit_test(test_entries),
		cmocka_unit_test(test_bad_entries),   cmocka_unit_test(test_load),
		cmocka_unit_test(test_login_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
