// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "oci/config/config.h"

/* The value that VALUE gets for the variable X on a base with this env. */
struct row {
	const char *base; /* the variables, one a ';' */
	const char *assignment;
	const char *want; /* the whole entry */
};

static json_t *config_with(const char *base)
{
	static const struct ohc_platform platform = { "linux", "amd64", "" };
	json_t *c = ohc_config_new(&platform), *env = json_array();
	char *copy = ohc_xstrdup(base), *save = NULL;

	for (char *s = strtok_r(copy, ";", &save); s; s = strtok_r(NULL, ";", &save))
		json_array_append_new(env, json_string(s));
	free(copy);
	json_object_set_new(json_object_get(c, "config"), "Env", env);
	return c;
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *c = config_with(rows[i].base), *before = ohc_config_env_list(c), *env;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_config_env(c, before, rows[i].assignment, &err), &err);
		env = json_object_get(json_object_get(c, "config"), "Env");
		assert_string_equal(
			json_string_value(json_array_get(env, json_array_size(env) - 1)),
			rows[i].want);
		json_decref(before);
		json_decref(c);
	}
}

static void test_expansion(void **state)
{
	static const struct row rows[] = {
		{ "", "A=plain", "A=plain" },
		{ "", "A=", "A=" },
		{ "", "A=x=y", "A=x=y" },
		{ "B=1", "A=$B", "A=1" },
		{ "B=1", "A=${B}", "A=1" },
		{ "B=1", "A=x${B}y$B.z", "A=x1y1.z" },
		{ "B=1;BC=2", "A=$BC-${B}C", "A=2-1C" },
		{ "B=1", "A=\\$B", "A=$B" },
		{ "B=1", "A=\\${B}", "A=${B}" },
		{ "B=1", "A=\\\\$B", "A=\\$B" },
		{ "", "A=C:\\dir\\n", "A=C:\\dir\\n" },
		{ "", "A=5$", "A=5$" },
		{ "", "A=$5 $- $$", "A=$5 $- $$" },
		{ "", "A=%s{}", "A=%s{}" },
		{ "B=$C;C=1", "A=$B", "A=$C" }, /* once, not again */
		{ "B=\\$C", "A=$B", "A=\\$C" },
		{ "_x9=u", "A=$_x9", "A=u" },
		{ "", "A=$UNSET", "A=" },
		{ "", "A=x${UNSET}y", "A=xy" },
		{ "B=first;B=last", "A=$B", "A=last" },
		{ "", "discovery.type=single-node", "discovery.type=single-node" },
		{ "A B=1", "A=\xc3\xa4", "A=\xc3\xa4" },
	};

	(void)state;
	check_rows(rows, OHC_ARRAY_SIZE(rows));
}

static void test_path(void **state)
{
	static const struct row rows[] = {
		{ "", "X=$PATH", "X=" OHC_DEFAULT_PATH },
		{ "", "PATH=/openhands/bin:$PATH", "PATH=/openhands/bin:" OHC_DEFAULT_PATH },
		{ "", "PATH=/openhands/bin:${PATH}", "PATH=/openhands/bin:" OHC_DEFAULT_PATH },
		{ "PATH=/bin", "PATH=/openhands/bin:$PATH", "PATH=/openhands/bin:/bin" },
		{ "PATH=/bin", "PATH=$PATH:/x", "PATH=/bin:/x" },
		/* Set, but to nothing: that is the base's word, and leaves no empty element. */
		{ "PATH=", "PATH=/openhands/bin:$PATH", "PATH=/openhands/bin" },
		{ "PATH=/a::/b:", "PATH=/c:$PATH", "PATH=/c:/a::/b:" },
	};

	(void)state;
	check_rows(rows, OHC_ARRAY_SIZE(rows));
}

static void test_empty_elements(void **state)
{
	static const struct row rows[] = {
		{ "", "L=/x:$L", "L=/x" },
		{ "", "L=$L:/x", "L=/x" },
		{ "", "L=/x:$L:/y", "L=/x:/y" },
		{ "", "L=/x:$L$M:/y", "L=/x:/y" },
		{ "", "L=$L:$M", "L=" },
		{ "", "L=$L:/x:${M}", "L=/x" },
		{ "M=m", "L=$L:$M:$N", "L=m" },
		{ "", "L=/x:y$L", "L=/x:y" },
		/* An element that was written empty stays. */
		{ "", "L=a::b", "L=a::b" },
		{ "", "L=:", "L=:" },
		{ "", "L=$L:", "L=" },
		{ "", "L=/x:$L:", "L=/x:" },
		{ "L=l", "L=:$L:", "L=:l:" },
		{ "", "U=http://host:$PORT/", "U=http://host:/" },
	};

	(void)state;
	check_rows(rows, OHC_ARRAY_SIZE(rows));
}

/* The order of options does not matter: every one sees the base's values. */
static void test_before(void **state)
{
	json_t *c = config_with("A=base;B=b"), *before = ohc_config_env_list(c);
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_config_env(c, before, "A=new", &err), &err);
	assert_ok(ohc_config_env(c, before, "C=$A", &err), &err);
	assert_string_equal(ohc_config_get_env(c, "A"), "new");
	assert_string_equal(ohc_config_get_env(c, "C"), "base");
	json_decref(before);
	json_decref(c);
}

static void check_env(const json_t *c, const char *want)
{
	char *text = ohc_json_text(json_object_get(json_object_get(c, "config"), "Env"));

	assert_string_equal(text, want);
	free(text);
}

static void test_place_is_kept(void **state)
{
	json_t *c = config_with("A=1;B=2;C=3;B=4;odd");
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_config_env(c, NULL, "B=new", &err), &err);
	check_env(c, "[\"A=1\",\"B=new\",\"C=3\",\"odd\"]");
	assert_ok(ohc_config_env(c, NULL, "BB=x", &err), &err);
	check_env(c, "[\"A=1\",\"B=new\",\"C=3\",\"odd\",\"BB=x\"]");
	json_decref(c);
}

static void test_unset(void **state)
{
	json_t *c = config_with("A=1;B=2;A=3"), *list;

	(void)state;
	ohc_config_unset_env(c, "A");
	check_env(c, "[\"B=2\"]");
	ohc_config_unset_env(c, "nobody");
	assert_null(ohc_config_get_env(c, "A"));
	ohc_config_unset_env(c, "B");
	assert_null(json_object_get(json_object_get(c, "config"), "Env"));
	ohc_config_unset_env(c, "B");
	list = ohc_config_env_list(c);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	json_decref(c);
}

static void test_errors(void **state)
{
	static const struct {
		const char *assignment, *message;
	} rows[] = {
		{ "A", "has no '='" },
		{ "", "has no '='" },
		{ "=x", "no name" },
		{ "A B=x", "malformed name" },
		{ "$A=x", "malformed name" },
		{ "A\n=x", "malformed name" },
		{ "A=${B", "without its" },
		{ "A=${", "without its" },
		{ "A=${}", "only a variable" },
		{ "A=${B:-x}", "only a variable" },
		{ "A=${1}", "only a variable" },
		{ "A=\xff", "UTF-8" },
		{ "\xff=A", "UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		json_t *c = config_with("K=v");
		struct ohc_error err = OHC_ERROR_INIT;

		assert_fails(ohc_config_env(c, NULL, rows[i].assignment, &err), OHC_E_USAGE, &err,
			     rows[i].message);
		check_env(c, "[\"K=v\"]");
		json_decref(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansion),      cmocka_unit_test(test_path),
		cmocka_unit_test(test_empty_elements), cmocka_unit_test(test_before),
		cmocka_unit_test(test_place_is_kept),  cmocka_unit_test(test_unset),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
