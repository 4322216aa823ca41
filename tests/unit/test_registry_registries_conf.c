// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "registry/registries_conf.h"
#include "registry/toml.h"

static void test_toml(void **state)
{
	static const struct {
		const char *toml, *json;
	} rows[] = {
		{ "", "{}" },
		{ "# only a comment", "{}" },
		{ "a = 1\nb=true # x\r\nc = \"s\"", "{\"a\":1,\"b\":true,\"c\":\"s\"}" },
		{ "\"a b\" = 'c\\d'\nx.y.z = -5", "{\"a b\":\"c\\\\d\",\"x\":{\"y\":{\"z\":-5}}}" },
		{ "e = \"\\t\\\"\\\\\\u00e9\\U0001F600\"",
		  "{\"e\":\"\\t\\\"\\\\\xc3\xa9\xf0\x9f\x98\x80\"}" },
		{ "l = [ \"a\", # one\n  'b',\n]\nm=[]", "{\"l\":[\"a\",\"b\"],\"m\":[]}" },
		{ "t = { a = 1, b.c = [{}] }", "{\"t\":{\"a\":1,\"b\":{\"c\":[{}]}}}" },
		{ "[t]\na=1\n[t.u]\nb=2\n[v]", "{\"t\":{\"a\":1,\"u\":{\"b\":2}},\"v\":{}}" },
		{ "[[r]]\na=1\n[[r.m]]\nb=1\n[[r.m]]\nb=2\n[[r]]\na=2\n[r.x]\nc=3",
		  "{\"r\":[{\"a\":1,\"m\":[{\"b\":1},{\"b\":2}]},{\"a\":2,\"x\":{\"c\":3}}]}" },
		{ "[ a . \"b\" ]\nc=1", "{\"a\":{\"b\":{\"c\":1}}}" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
		ohc_cleanup(ohc_freep) char *text = NULL;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_toml_parse(rows[i].toml, "t", &doc, &err), &err);
		text = ohc_json_text(doc);
		assert_string_equal(text, rows[i].json);
	}
}

static void test_bad_toml(void **state)
{
	static const struct {
		const char *toml, *line;
	} rows[] = {
		{ "a", "line 1" },
		{ "\n\na = ", "line 3" },
		{ "a = 1\na = 2", "line 2" },
		{ "a = 1 b = 2", "line 1" },
		{ "a = \"x", "line 1" },
		{ "a = \"x\ny\"", "line 1" },
		{ "a = \"\"\"x\"\"\"", "line 1" },
		{ "a = \"\\q\"", "line 1" },
		{ "a = \"\\ud800\"", "line 1" },
		{ "a = \"\xff\"", "line 1" },
		{ "\"\xff\" = 1", "line 1" },
		{ "[\"\xff\"]", "line 1" },
		{ "[[\"\xff\"]]", "line 1" },
		{ "a = 1.5", "line 1" },
		{ "a = 1979-05-27", "line 1" },
		{ "a = yes", "line 1" },
		{ "a = [1\n,2\n", "line 3" },
		{ "a = {b = 1", "line 1" },
		{ "a = {\nb = 1}", "line 1" },
		{ "[a", "line 1" },
		{ "[]", "line 1" },
		{ "[[a]", "line 1" },
		{ "a = 1\n[a]", "line 2" },
		{ "a = 1\n[a.b]", "line 2" },
		{ "[a]\n[[a]]", "line 2" },
		{ "= 1", "line 1" },
		{ "a.b", "line 1" },
		{ "a = [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		json_t *doc = NULL;

		assert_fails(ohc_toml_parse(rows[i].toml, "the file", &doc, &err), OHC_E_FORMAT,
			     &err, rows[i].line);
		assert_null(doc);
	}
}

static const char conf[] =
	"unqualified-search-registries = [\"docker.io\"]\n"
	"[aliases]\n\"debian\" = \"docker.io/library/debian\"\n"
	"[[registry]]\nprefix = \"docker.io\"\nlocation = \"docker.io\"\n"
	"[[registry.mirror]]\nlocation = \"mirror.example:5000/hub\"\ninsecure = true\n"
	"[[registry.mirror]]\nlocation = \"second.example\"\npull-from-mirror = \"digest-only\"\n"
	"[[registry]]\nlocation = \"old.example/team\"\nblocked = true\n"
	"[[registry]]\nprefix = \"old.example\"\nlocation = \"new.example/old\"\n"
	"mirror-by-digest-only = true\n"
	"mirror = [ { location = \"http://m.example\" } ]\n"
	"[[registry]]\nprefix = \"*.wild.example\"\nlocation = \"wild.example\"\ninsecure = true\n";

static void describe(const struct ohc_registries_conf_location *p, char *out)
{
	sprintf(out + strlen(out), "%s%s%s/%s%s%s%s ", p->scheme ? p->scheme : "",
		p->scheme ? "://" : "", p->host, p->repo, p->insecure ? " insecure" : "",
		p->by_tag ? "" : " no-tags", p->by_digest ? "" : " no-digests");
}

static void test_ask(void **state)
{
	static const struct {
		const char *host, *repo, *is;
	} rows[] = {
		{ "docker.io", "library/x",
		  "mirror.example:5000/hub/library/x insecure second.example/library/x no-tags "
		  "docker.io/library/x " },
		{ "ghcr.io", "a/b", "ghcr.io/a/b " },
		{ "old.example", "x/y",
		  "http://m.example/x/y no-tags new.example/old/x/y relocated " },
		{ "old.example", "team/y", "old.example/team/y blocked " },
		{ "old.example", "teams/y",
		  "http://m.example/teams/y no-tags new.example/old/teams/y relocated " },
		{ "a.wild.example", "r", "wild.example/r insecure relocated " },
		{ "wild.example", "r", "wild.example/r " },
	};
	char path[] = "/tmp/ohc-conf.XXXXXX";
	struct ohc_registries_conf *c = ohc_registries_conf_new();
	struct ohc_error err = OHC_ERROR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_ok(ohc_file_write(path, conf, strlen(conf), 0600, &err), &err);
	setenv("CONTAINERS_REGISTRIES_CONF", path, 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(
			ohc_registries_conf_answer_clear) struct ohc_registries_conf_answer a = {
			0
		};
		char got[512] = "";

		assert_ok(ohc_registries_conf_ask(c, rows[i].host, rows[i].repo, &a, &err), &err);
		for (size_t k = 0; k < a.n_mirrors; k++)
			describe(&a.mirrors[k], got);
		describe(&a.origin, got);
		strcat(got, a.relocated ? "relocated " : "");
		strcat(got, a.blocked_by ? "blocked " : "");
		assert_string_equal(got, rows[i].is);
	}
	unlink(path);
	ohc_registries_conf_free(c);
}

static void test_bad_conf(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "[[registry]]\nblocked = true\n", "neither prefix nor location" },
		{ "[[registry]]\nlocation = 5\n", "'location' is not a string" },
		{ "[registry]\nlocation = \"h.example\"\n", "'registry' is not an array" },
		{ "[[registry]]\nlocation = \"h.example\"\n[[registry.mirror]]\n",
		  "has no location" },
		{ "[[registry]]\nlocation = \"h.example\"\nmirror = [\"m.example\"]\n",
		  "is no table" },
		{ "[[registry]]\nprefix=\"h.example\"\nlocation = \"a b\"\n", "is no location" },
		{ "[[registry\n", "line 1" },
	};
	char path[] = "/tmp/ohc-conf.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	setenv("CONTAINERS_REGISTRIES_CONF", path, 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_registries_conf *c = ohc_registries_conf_new();
		struct ohc_registries_conf_answer a = { 0 };
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_file_write(path, rows[i].text, strlen(rows[i].text), 0600, &err),
			  &err);
		assert_true(ohc_registries_conf_ask(c, "h.example", "r", &a, &err) < 0);
		assert_non_null(strstr(err.msg, rows[i].says));
		assert_non_null(strstr(err.msg, path));
		ohc_registries_conf_free(c);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_toml),
		cmocka_unit_test(test_bad_toml),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_bad_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
