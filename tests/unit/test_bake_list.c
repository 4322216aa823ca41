// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <unistd.h>

#include "compose/bake/list.h"
#include "core/alloc.h"
#include "core/file.h"

static char path[] = "/tmp/ohc-list.XXXXXX";

static int setup(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static int read_bytes(const char *text, size_t n, bool bases, const char *field,
		      struct ohc_bake_list *ret, struct ohc_error *err)
{
	const struct ohc_bake_source source = { path, bases, field, NULL };
	struct ohc_bake_settings defaults = OHC_BAKE_SETTINGS_INIT;
	int rc;

	assert_ok(ohc_file_write(path, text, n, 0600, err), err);
	defaults.dest = "r/x:{base.slug}";
	defaults.push.user = "1:1";
	rc = ohc_bake_list_read(&source, &defaults, ret, err);
	return rc;
}

static int read_list(const char *text, bool bases, const char *field, struct ohc_bake_list *ret,
		     struct ohc_error *err)
{
	return read_bytes(text, strlen(text), bases, field, ret, err);
}

/* The bases, each with a blank behind it. */
static void expect_bases(const char *text, bool bases, const char *field, const char *want)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_bake_list list = { .v = NULL };
	struct ohc_buf got = OHC_BUF_INIT;

	assert_ok(read_list(text, bases, field, &list, &err), &err);
	for (size_t i = 0; i < list.n; i++) {
		ohc_buf_addf(&got, "%s ", list.v[i].settings.base);
		assert_string_equal(list.v[i].settings.dest, "r/x:{base.slug}");
		assert_string_equal(list.v[i].settings.push.user, "1:1");
	}
	assert_string_equal(ohc_buf_str(&got), want);
	ohc_buf_clear(&got);
	ohc_bake_list_clear(&list);
}

static void test_names(void **state)
{
	(void)state;
	expect_bases("ubuntu:22.04\n\n# a comment\nalpine # why\r\nx/y@sha256:a#b\n  z \nalpine\n",
		     true, NULL, "ubuntu:22.04 alpine x/y@sha256:a#b z ");
	expect_bases("a", true, NULL, "a ");
	expect_bases("\xef\xbb\xbfx\n", true, NULL, "x ");
}

static void test_csv(void **state)
{
	(void)state;
	expect_bases(
		"id,image,text\r\n1,a,\"x,\ny\"\r\n2,\"b\",\r\n\r\n3,a,\"he said \"\"no\"\"\"\r\n",
		true, "image", "a b ");
	expect_bases("\xef\xbb\xbfimage\na\nb", true, "image", "a b ");
	expect_bases("\xef\xbb\xbf\"image\",n\n\"a\",1", true, "image", "a ");
	expect_bases("x,the image\n1,a\n", true, "the image", "a ");
	expect_bases("\r\n\nn,image\n\"1\n2\",\"a\"\n3,b", true, "image", "a b ");
	expect_bases("n,image\r\"1\r2\",\"a\"\r\r3,b\r", true, "image", "a b ");
	expect_bases("a\r# no\rb\r", true, NULL, "a b ");
}

static void test_json_lines(void **state)
{
	(void)state;
	expect_bases("{\"image\": \"a\", \"n\": 1}\n\n{\"image\": \"b\"}", true, "image", "a b ");
	expect_bases("\xef\xbb\xbf{\"image\": \"a\"}\r\n", true, "image", "a ");
	expect_bases("{\"env\": {\"image\": \"a\"}}\n{\"env.image\": \"b\"}", true, "env.image",
		     "a b ");
}

static void test_json(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_bake_list list = { .v = NULL };
	const struct ohc_push_options *o;

	(void)state;
	expect_bases("{\"images\": [\"a\", {\"base\": \"b\"}]}", false, NULL, "a b ");
	expect_bases("\xef\xbb\xbf{\"images\": [\"a\"]}", false, NULL, "a ");
	assert_ok(
		read_list("{\"payload\": \"p\", \"env\": {\"A\": \"1\"}, \"tag\": [\"t\"], "
			  "\"dest\": \"d\",\n"
			  "\"user\": \"2:2\", \"images\": [{\"base\": \"a\", \"payload\": [\"q\", "
			  "\"r\"],\n"
			  "\"env\": {\"B\": \"2\"}, \"cmd\": [\"x\", \"y\"], \"no_check\": true},\n"
			  "{\"base\": \"b\", \"user\": \"3:3\", \"dest\": \"e\"}]}",
			  false, NULL, &list, &err),
		&err);
	assert_int_equal(list.n, 2);
	o = &list.v[0].settings.push;
	assert_string_equal(list.v[0].settings.dest, "d");
	assert_string_equal(o->user, "2:2");
	assert_int_equal(o->payloads.n, 2);
	assert_string_equal(o->payloads.v[1], "r");
	assert_int_equal(o->env.n, 2);
	assert_string_equal(o->env.v[0], "A=1");
	assert_string_equal(o->env.v[1], "B=2");
	assert_string_equal(o->cmd, "[\"x\",\"y\"]");
	assert_true(o->no_check);
	assert_int_equal(o->level, -1);
	o = &list.v[1].settings.push;
	assert_string_equal(list.v[1].settings.dest, "e");
	assert_string_equal(o->user, "3:3");
	assert_string_equal(o->payloads.v[0], "p");
	assert_string_equal(o->tags.v[0], "t");
	assert_false(o->no_check);
	ohc_bake_list_clear(&list);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *field, *says;
		bool bases;
	} rows[] = {
		{ "", NULL, "names no image", true },
		{ "# nothing\n", NULL, "names no image", true },
		{ "{\"image\": \"a\"}", NULL, "--base-field says which", true },
		{ " \r\n", "image", "names no image", true },
		{ " \n", NULL, "names no image", false },
		{ "id,image\n1,a\n", NULL, "line 1, column 3: no name has a ','", true },
		{ "[{\"image\": \"a\"}]", "image", "is a JSON array: JSON Lines", true },
		{ "[\"a\"]", NULL, "is a JSON array: JSON Lines", true },
		{ "\xff\xfe"
		  "a",
		  NULL, "is UTF-16: UTF-8 is wanted", true },
		{ "id,image\n1,a\n", "base",
		  "line 1, column 1: no column is called 'base': there are 'id', 'image'", true },
		{ "\nid,image\n1,a\n", "imag",
		  "line 2, column 1: no column is called 'imag', did you mean 'image'?", true },
		{ "a,a\n1,a\n", "a", "line 1, column 1: 2 columns are called 'a'", true },
		{ "id,image\n1\n", "image", "line 2, column 1: the row has no column 'image'",
		  true },
		{ "id,image\n1, \n", "image", "line 2, column 3: there is no name", true },
		{ "id,image\n1,a\n\"2\",\"b\n", "image",
		  "line 3, column 5: the field's quotes do not", true },
		{ "id,\"image\n1,a\n", "image", "line 1, column 4: the field's quotes do not",
		  true },
		{ "id,image\n\"\xc3\xa4\n\xc3\xa4\"x,a\n", "image",
		  "line 3, column 3: there is text behind the field's quotes", true },
		{ "{\"a\": 1}", "image",
		  "line 1, column 1: no member is called 'image': there are 'a'", true },
		{ "{\"image\": \"a\"}\n{\"x\": {}, \"image\": 1}", "image",
		  "line 2, column 11: 'image' is not a string", true },
		{ "{\"image\": \"a\"}\n{\"image\": ", "image",
		  "line 2, column 10: no valid JSON: ", true },
		{ "{\"image\": \"a\"}\n[]", "image", "line 2, column 1: no JSON object", true },
		{ "{\"image\": \"a\"}\n{\"image\": \"\"}", "image",
		  "line 2, column 1: there is no name", true },
		{ "a:1\n", NULL, "is no JSON object: names, a CSV and JSON Lines are given",
		  false },
		{ "[\"a\"]", NULL, "is no JSON object: names, a CSV and JSON Lines are given",
		  false },
		{ "{\"image\": \"a\"}\n{\"image\": \"b\"}\n", NULL,
		  "is JSON Lines, which are given with --bases and --base-field", false },
		{ "{}", NULL, "'images' is missing", false },
		{ "{\"images\": {}}", NULL, "line 1, column 2: 'images' is not an array", false },
		{ "{\"images\": []}", NULL, "names no image", false },
		{ "{\"images\": [\n1]}", NULL, "line 2, column 1: 'images[0]' is neither", false },
		{ "{\"images\": [{}]}", NULL, "'images[0]' has no 'base'", false },
		{ "{\n \"imagess\": []}", NULL, "did you mean 'images'", false },
		{ "{\"images\": [{\"base\": \"a\",\n \"usr\": \"1\"}]}", NULL,
		  "line 2, column 2: 'images[0].usr' is unknown, did you mean 'user'?", false },
		{ "{\"images\": [\"a\"], \"compression_level\": 20}", NULL, "from 1 to 19", false },
		{ "{\"images\": [\"a\"],", NULL, "line 1, column", false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_bake_list list = { .v = NULL };
		int rc = read_list(rows[i].text, rows[i].bases, rows[i].field, &list, &err);

		assert_true(rc < 0);
		if (!strstr(err.msg, rows[i].says))
			fail_msg("'%s' is not in: %s", rows[i].says, err.msg);
		ohc_bake_list_clear(&list);
	}
}

/* A NUL byte would hide whatever stands behind it. */
static void test_nul(void **state)
{
	static const char text[] = "alpine\nubuntu\0\ndebian\n";
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_bake_list list = { .v = NULL };

	(void)state;
	assert_fails(read_bytes(text, sizeof(text) - 1, true, NULL, &list, &err), OHC_E_FORMAT,
		     &err, "line 2, column 7: a NUL byte: it is no text");
	ohc_bake_list_clear(&list);
}

/* Faults that are seen once names are made tell where they stand, too. */
static void test_where(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_bake_list list = { .v = NULL };

	(void)state;
	assert_ok(read_list("id,image\n1,a\n2, b\n", true, "image", &list, &err), &err);
	assert_string_equal(list.v[1].where, "line 3, column 3");
	assert_false(list.v[1].has_dest);
	ohc_error_set(&err, OHC_E_USAGE, "no");
	assert_int_equal(ohc_bake_list_wrong(&list, &list.v[1], -OHC_E_USAGE, &err), -OHC_E_FORMAT);
	assert_int_equal(err.code, OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "': line 3, column 3: no"));
	ohc_bake_list_clear(&list);
	assert_ok(read_list("{\"images\": [\"a\",\n { \"base\": \"]\" , \"dest\": \"x\"} ,\"c\" ]}",
			    false, NULL, &list, &err),
		  &err);
	assert_string_equal(list.v[0].where, "line 1, column 13: 'images[0]'");
	assert_string_equal(list.v[1].where, "line 2, column 2: 'images[1]'");
	assert_string_equal(list.v[2].where, "line 2, column 32: 'images[2]'");
	assert_true(list.v[1].has_dest);
	ohc_bake_list_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),      cmocka_unit_test(test_csv),
		cmocka_unit_test(test_json_lines), cmocka_unit_test(test_json),
		cmocka_unit_test(test_bad),        cmocka_unit_test(test_nul),
		cmocka_unit_test(test_where),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
