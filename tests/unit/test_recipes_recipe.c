// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/recipes/recipe.h"
#include "oci/documents/json_position.h"

static int load(const char *text, struct ohc_recipe *ret, struct ohc_error *err)
{
	char file[] = "/tmp/ohcompose-test.XXXXXX";
	int fd = mkstemp(file), rc;

	assert_true(fd >= 0);
	close(fd);
	assert_ok(ohc_file_write(file, text, strlen(text), 0600, err), err);
	rc = ohc_recipe_load(file, ret, err);
	unlink(file);
	return rc;
}

static void test_place(void **state)
{
	static const char text[] = "{ \"a\": [1, {\"b\": \"x]\\\"}\"},\n"
				   "\t{\"é\": 1, \"c.d\": {\"e\": 2}, \"c\": {\"d\": 3}}],\n"
				   "  \"z\" : {} }\n";
	static const struct {
		const char *path;
		size_t line, column;
	} cases[] = {
		{ "", 1, 1 },
		{ "a", 1, 3 },
		{ "a[0]", 1, 9 },
		{ "a[1]", 1, 12 },
		{ "a[1].b", 1, 13 },
		{ "a[2]", 2, 2 },
		{ "a[2].é", 2, 3 },
		{ "a[2].c.d", 2, 11 },
		{ "a[2].c.d.e", 2, 19 },
		{ "z", 3, 3 },
		{ "z.missing", 3, 3 },
		{ "missing", 1, 1 },
		{ "a[7]", 1, 3 },
		{ "a[1].missing", 1, 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ohc_json_position at = ohc_json_position(text, strlen(text), cases[i].path);

		if (at.line != cases[i].line || at.column != cases[i].column)
			fail_msg("'%s' is at %zu:%zu", cases[i].path, at.line, at.column);
	}
}

static void test_good(void **state)
{
	static const char text[] =
		"{ \"$schema\": \"recipe.schema.json\", \"prefix\": \"/opt/x\",\n"
		"  \"owner\": \"7:8\", \"profile\": \"agent-server\", \"root\": \"debian\",\n"
		"  \"env\": { \"PATH\": \"/opt/x/bin:$PATH\" },\n"
		"  \"layers\": [\n"
		"    { \"name\": \"base\", \"certificates\": true, \"locale\": \"/loc\",\n"
		"      \"fonts\": { \"from\": [\"/f\"] },\n"
		"      \"programs\": [\"/usr/bin/tmux\",\n"
		"                   {\"from\": \"b\", \"to\": \"./bin//bb/\", \"dlopen\": "
		"[\"l.so\"]}] },\n"
		"    { \"name\": \"py\", \"python\": { \"interpreter\": \"/p\",\n"
		"      \"site-packages\": [\"s\"], \"bytecode\": \"check\" } },\n"
		"    { \"name\": \"code\", \"copy\": [ { \"from\": \"c\", \"to\": \"\",\n"
		"      \"exclude\": [\"*.o\"], \"mode\": \"0644\", \"dereference\": true } ] } ],\n"
		"  \"launchers\": [ { \"name\": \"oh-x\", \"program\": \"bin/x\", \"args\": "
		"[\"-a\"],\n"
		"                   \"env\": { \"A\": \"b\" } } ] }\n";
	ohc_cleanup(ohc_recipe_clear) struct ohc_recipe r = OHC_RECIPE_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL;
	bool rooted;

	(void)state;
	assert_ok(load(text, &r, &err), &err);
	assert_string_equal(r.prefix, "/opt/x");
	assert_string_equal(r.owner, "7:8");
	assert_string_equal(r.profile, "agent-server");
	assert_string_equal(r.root, "debian");
	assert_true(r.closure);
	assert_string_equal(r.env.v[0], "PATH=/opt/x/bin:$PATH");
	assert_int_equal(r.n_layers, 3);
	assert_int_equal(r.layers[0].n_items, 5);
	assert_int_equal(r.layers[0].items[0].kind, OHC_RECIPE_CERTIFICATES);
	assert_null(r.layers[0].items[0].from);
	assert_string_equal(r.layers[0].items[1].from, "/loc");
	assert_string_equal(r.layers[0].items[2].fonts.v[0], "/f");
	assert_string_equal(r.layers[0].items[3].from, "/usr/bin/tmux");
	assert_string_equal(r.layers[0].items[3].at, "layers[0].programs[0]");
	assert_string_equal(r.layers[0].items[4].to, "bin/bb");
	assert_string_equal(r.layers[0].items[4].dlopen.v[0], "l.so");
	assert_int_equal(r.layers[1].items[0].bytecode, OHC_BYTECODE_CHECK);
	assert_string_equal(r.layers[1].items[0].site_packages.v[0], "s");
	assert_string_equal(r.layers[2].items[0].to, "");
	assert_int_equal(r.layers[2].items[0].mode, 0644);
	assert_true(r.layers[2].items[0].dereference);
	assert_string_equal(r.launchers[0].args.v[0], "-a");
	assert_string_equal(r.launchers[0].env.v[0], "A=b");

	path = ohc_recipe_path(&r, "/usr/bin/tmux", &rooted);
	assert_true(rooted);
	assert_string_equal(path, "/usr/bin/tmux");
	free(ohc_take(path));
	path = ohc_recipe_path(&r, "src", &rooted);
	assert_false(rooted);
	assert_string_equal(path, "/tmp/src");
}

static bool has_its_name(void *ctx, const char *name, const char *when)
{
	(*(int *)ctx)++;
	return strcmp(name, when) == 0;
}

static void test_narrow(void **state)
{
	static const char text[] =
		"{ \"layers\": [ { \"name\": \"a\", \"if\": \"/no\", \"locale\": true },\n"
		"  { \"name\": \"b\", \"locale\": true }, { \"name\": \"c\", \"if\": \"c\", "
		"\"fonts\": true } ],\n"
		"  \"launchers\": [ { \"name\": \"x\", \"if\": \"x\", \"program\": \"p\" },\n"
		"  { \"name\": \"y\", \"if\": \"/no\", \"program\": \"p\", \"args\": [ \"1\" ] },\n"
		"  { \"name\": \"z\", \"program\": \"q\" } ] }";
	ohc_cleanup(ohc_recipe_clear) struct ohc_recipe r = OHC_RECIPE_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	int asked = 0;

	(void)state;
	assert_ok(load(text, &r, &err), &err);
	ohc_recipe_narrow(&r, has_its_name, &asked);
	assert_int_equal(asked, 4);
	assert_int_equal(r.n_layers, 2);
	assert_string_equal(r.layers[0].name, "b");
	assert_string_equal(r.layers[1].name, "c");
	assert_int_equal(r.n_launchers, 2);
	assert_string_equal(r.launchers[0].name, "x");
	assert_string_equal(r.launchers[1].at, "launchers[2]");
}

#define LAYER(text) "{\n\"layers\": [\n  { \"name\": \"x\", " text " } ] }"
#define MODE_WRONG  "is not a mode as \"0755\""
#define LAUNCHER(it) \
	"{ \"layers\": [ { \"name\": \"x\", \"locale\": true } ],\n  \"launchers\": " it " }"

/* The file's name stands before each. */
static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{",
		  "is not valid JSON: line 1, column 1: string or '}' expected near end of file" },
		{ "[]", "is not a JSON object" },
		{ "{}", "line 1, column 1: 'layers' is missing: there is nothing to pack" },
		{ "{\n  \"layres\": [] }",
		  "line 2, column 3: 'layres' is unknown, did you mean 'layers'?" },
		{ "{\n  \"qqqqqqq\": [] }", "line 2, column 3: 'qqqqqqq' is unknown" },
		{ "{ \"layers\": {} }", "line 1, column 3: 'layers' is not an array of layers" },
		{ "{ \"layers\": [ 3 ] }", "line 1, column 15: 'layers[0]' is not an object" },
		{ "{ \"layers\": [ { } ] }", "line 1, column 15: 'layers[0]' has no 'name'" },
		{ "{ \"layers\": [\n{ \"name\": \"a/b\" } ] }",
		  "line 2, column 3: 'layers[0].name' is not a name of letters, digits, '.', '_' "
		  "and "
		  "'-'" },
		{ "{ \"layers\": [ { \"name\": \"libraries\" } ] }",
		  "line 1, column 17: 'layers[0].name' is the name of a layer that is made "
		  "besides" },
		{ "{ \"layers\": [ { \"name\": \"x\" } ] }",
		  "line 1, column 15: 'layers[0]' holds nothing" },
		{ "{ \"layers\": [ { \"name\": \"x\", \"locale\": true },\n"
		  "{ \"locale\": true, \"name\": \"x\" } ] }",
		  "line 2, column 19: 'layers[1].name' is the name of another layer, too" },
		{ "{ \"prefix\": \"/\" }",
		  "line 1, column 3: 'prefix' is '/': a payload has a directory of its own" },
		{ "{ \"prefix\": \"/a/../b\" }", "line 1, column 3: 'prefix' is not a path that "
						 "starts with '/' and has no '.', '..', "
						 "name with .wh. in front, double or trailing "
						 "'/' in it" },
		{ "{ \"env\": [ \"A=b\" ] }",
		  "line 1, column 3: 'env' is not an object of strings" },
		{ "{ \"closure\": \"yes\" }",
		  "line 1, column 3: 'closure' is neither true nor false" },
		{ LAYER("\"copy\": {}"), "line 3, column 18: 'layers[0].copy' is not an array" },
		{ LAYER("\"copy\": [ \"x\" ]"),
		  "line 3, column 28: 'layers[0].copy[0]' is not an object" },
		{ LAYER("\"copy\": [ {} ]"),
		  "line 3, column 28: 'layers[0].copy[0]' has no 'from'" },
		{ LAYER("\"copy\": [ { \"form\": \"x\" } ]"),
		  "line 3, column 30: 'layers[0].copy[0].form' is unknown, did you mean 'from'?" },
		{ LAYER("\"copy\": [ { \"from\": \"\" } ]"),
		  "line 3, column 30: 'layers[0].copy[0].from' is empty" },
		{ LAYER("\"copy\": [ { \"from\": \"x\",\n\"to\": \"a/../b\" } ]"),
		  "line 4, column 1: 'layers[0].copy[0].to' has '..' in it" },
		{ LAYER("\"copy\": [ { \"from\": \"x\",\n\"to\": \"/b\" } ]"),
		  "line 4, column 1: 'layers[0].copy[0].to' starts with '/': it is a path below "
		  "the "
		  "prefix, as 'bin/tmux'" },
		{ LAYER("\"copy\": [ { \"from\": \"x\",\n\"exclude\": [\"*.o\", \"a/../b\"] } ]"),
		  "line 4, column 20: 'layers[0].copy[0].exclude[1]' is no pattern for paths below "
		  "the directory: it is empty, ends in a backslash, or has '.' or '..' between "
		  "slashes" },
		{ LAYER("\"copy\": [ { \"from\": \"x\",\n\"mode\": 755 } ]"),
		  "line 4, column 1: 'layers[0].copy[0].mode' " MODE_WRONG },
		{ LAYER("\"copy\": [ { \"from\": \"x\",\n\"mode\": \"4755\" } ]"),
		  "line 4, column 1: 'layers[0].copy[0].mode' " MODE_WRONG },
		{ LAYER("\"locale\": true, \"if\": \"\""),
		  "line 3, column 34: 'layers[0].if' is empty" },
		{ LAYER("\"programs\": [ 7 ]"),
		  "line 3, column 32: 'layers[0].programs[0]' is not an object, or a string" },
		{ LAYER("\"python\": true"),
		  "line 3, column 18: 'layers[0].python' is not an object" },
		{ LAYER("\"python\": { \"site_packages\": [] }"),
		  "line 3, column 30: 'layers[0].python.site_packages' is unknown, did you mean "
		  "'site-packages'?" },
		{ LAYER("\"python\": { \"bytecode\": \"compile\" }"),
		  "line 3, column 30: 'layers[0].python.bytecode' is none of 'keep', 'check' and "
		  "'none'" },
		{ LAYER("\"locale\": 3"),
		  "line 3, column 18: 'layers[0].locale' is not an object, or a string, or true" },
		{ LAYER("\"fonts\": \"DejaVu\""),
		  "line 3, column 18: 'layers[0].fonts' is not an object, or true" },
		{ LAUNCHER("{}"), "line 2, column 3: 'launchers' is not an array of launchers" },
		{ LAUNCHER("[ {\"name\": \"a/b\"} ]"),
		  "line 2, column 18: 'launchers[0]' has no 'name', or one with a '/' in it" },
		{ LAUNCHER("[ {\"name\": \"a\"} ]"),
		  "line 2, column 18: 'launchers[0]' has no 'program'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ohc_recipe r = OHC_RECIPE_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		int rc = load(cases[i].text, &r, &err);
		const char *message = err.msg + strlen("recipe '/tmp/ohcompose-test.XXXXXX'");

		assert_int_equal(rc, -OHC_E_FORMAT);
		message += strspn(message, ": ");
		if (strncmp(err.msg, "recipe '/tmp/", 13) != 0 ||
		    strcmp(message, cases[i].message) != 0)
			fail_msg("case %zu: '%s'", i, err.msg);
	}
}

static void test_of_dir(void **state)
{
	ohc_cleanup(ohc_recipe_clear) struct ohc_recipe r = OHC_RECIPE_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL;
	bool rooted;

	(void)state;
	ohc_recipe_of_dir("/some/dir", &r);
	ohc_recipe_add_launcher(&r, "a", "bin/b");
	path = ohc_recipe_path(&r, r.layers[0].items[0].from, &rooted);
	assert_false(rooted);
	assert_string_equal(path, "/some/dir");
	assert_false(r.closure);
	/* There is no file whose line could be told. */
	ohc_error_set(&err, OHC_E_FAILED, "x");
	assert_int_equal(ohc_recipe_wrap(&r, r.launchers[0].at, -OHC_E_FAILED, &err),
			 -OHC_E_FAILED);
	assert_string_equal(err.msg, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),  cmocka_unit_test(test_good),
		cmocka_unit_test(test_narrow), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_of_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
