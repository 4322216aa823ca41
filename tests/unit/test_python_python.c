// SPDX-License-Identifier: Apache-2.0
/* Python's versions, markers, requirements, distributions and bytecode,
 * judged as `packaging` does. */
#include "unit.h"

#include "core/alloc.h"
#include "layout/layer/pyc.h"
#include "layout/python/site.h"
#include "tree.h"

static void order_of_versions(void **state)
{
	/* Each is more than the one before (PEP 440, "Summary of permitted suffixes"). */
	static const char *const ordered[] = {
		"0.9",          "1.dev0",
		"1.0.dev456",   "1.0a1",
		"1.0a2.dev456", "1.0a12",
		"1.0b1.dev4",   "1.0b2",
		"1.0b2.post1",  "1.0rc1.dev456",
		"1.0rc1",       "1.0",
		"1.0+abc.5",    "1.0+abc.7",
		"1.0+5",        "1.0.post1.dev3",
		"1.0.post456",  "1.1.dev1",
		"1.1",          "1.1.1",
		"2.0",          "10",
		"1!0.1",
	};
	static const char *const same[][2] = {
		{ "1.0", "1.0.0" },        { "1.0alpha1", "1.0a1" },    { "1.0-1", "1.0.post1" },
		{ "v1.0", "1.0" },         { "1.0-rev2", "1.0.post2" }, { "1.0c1", "1.0rc1" },
		{ "1.0_pre_4", "1.0rc4" }, { " 1.0 ", "1.0" },          { "1.0+A-b", "1.0+a.b" },
		{ "1.0a", "1.0a0" },       { "1.0DEV", "1.0.dev0" },
	};
	static const char *const wrong[] = { "",      "x",     "1.",      "1..0",
					     "1.0+",  "1.0 1", "1.0a1b1", "99999999999999999999",
					     "1.0+a!" };
	struct ohc_python_version a, b;

	(void)state;
	for (size_t i = 1; i < OHC_ARRAY_SIZE(ordered); i++) {
		assert_true(ohc_python_version_parse(ordered[i - 1], strlen(ordered[i - 1]), &a));
		assert_true(ohc_python_version_parse(ordered[i], strlen(ordered[i]), &b));
		if (ohc_python_version_compare(&a, &b) >= 0 ||
		    ohc_python_version_compare(&b, &a) <= 0)
			fail_msg("%s is not below %s", ordered[i - 1], ordered[i]);
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(same); i++) {
		assert_true(ohc_python_version_parse(same[i][0], strlen(same[i][0]), &a));
		assert_true(ohc_python_version_parse(same[i][1], strlen(same[i][1]), &b));
		assert_int_equal(ohc_python_version_compare(&a, &b), 0);
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(wrong); i++)
		assert_false(ohc_python_version_parse(wrong[i], strlen(wrong[i]), &a));
}

static void specifiers(void **state)
{
	static const struct {
		const char *specifiers, *version;
		enum ohc_python_answer answer;
	} cases[] = {
		{ "", "1", OHC_PYTHON_YES },
		{ ">=1.2,<2", "1.10", OHC_PYTHON_YES },
		{ ">=1.2,<2", "2.0", OHC_PYTHON_NO },
		{ ">=1.2 , < 2", "2.0rc1", OHC_PYTHON_NO },
		{ "<2.0rc2", "2.0rc1", OHC_PYTHON_YES },
		{ "~=2.2", "2.9", OHC_PYTHON_YES },
		{ "~=2.2", "3.0", OHC_PYTHON_NO },
		{ "~=2.2.1", "2.2.0", OHC_PYTHON_NO },
		{ "~=2", "2.1", OHC_PYTHON_UNKNOWN },
		{ "==1.2", "1.2.0", OHC_PYTHON_YES },
		{ "==1.2", "1.2+cpu", OHC_PYTHON_YES },
		{ "==1.2+cpu", "1.2", OHC_PYTHON_NO },
		{ "==1.2.*", "1.2.7", OHC_PYTHON_YES },
		{ "==1.2.*", "1.20", OHC_PYTHON_NO },
		{ "!=1.3.*,>1", "1.3.4", OHC_PYTHON_NO },
		{ "!=1.3.*", "1.4", OHC_PYTHON_YES },
		{ "!=1.5", "1.5.1", OHC_PYTHON_YES },
		{ ">1.0", "1.0.post1", OHC_PYTHON_NO },
		{ ">1.0", "1.0+local", OHC_PYTHON_NO },
		{ "<=1.0", "1.0+local", OHC_PYTHON_YES },
		{ "=== 1.0-odd", "1.0-ODD", OHC_PYTHON_YES },
		{ "===1.0", "1.0.0", OHC_PYTHON_NO },
		{ "1.0", "1.0", OHC_PYTHON_UNKNOWN },
		{ ">=1.*", "1.0", OHC_PYTHON_UNKNOWN },
		{ ">=1.0", "unknown", OHC_PYTHON_UNKNOWN },
		{ ">=x,<1", "2", OHC_PYTHON_NO },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		if (ohc_python_specifiers(cases[i].specifiers, strlen(cases[i].specifiers),
					  cases[i].version) != cases[i].answer)
			fail_msg("%s of %s", cases[i].version, cases[i].specifiers);
}

static void markers(void **state)
{
	enum { BAD = -1 };
	static const struct {
		const char *marker;
		int answer;
	} cases[] = {
		{ "", OHC_PYTHON_YES },
		{ "python_version < '3.8'", OHC_PYTHON_NO },
		{ "python_version < '3.8' and platform_release == 'x'", OHC_PYTHON_NO },
		{ "platform_release == 'x' and python_version < '3.8'", OHC_PYTHON_NO },
		{ "python_version > '3.8' and platform_release == 'x'", OHC_PYTHON_UNKNOWN },
		{ "python_version > '3.8' or platform_release == 'x'", OHC_PYTHON_YES },
		{ "python_version >= \"3.9\" and sys_platform == 'linux'", OHC_PYTHON_YES },
		{ "sys_platform == 'win32' or os_name == 'posix'", OHC_PYTHON_YES },
		{ "sys_platform == 'win32' and os_name == 'posix' or python_version == '3.12'",
		  OHC_PYTHON_YES },
		{ "sys_platform == 'win32' and (os_name == 'posix' or python_version == '3.12')",
		  OHC_PYTHON_NO },
		{ "'3.8' <= python_version", OHC_PYTHON_YES },
		{ "'3.12' < python_version", OHC_PYTHON_NO },
		{ "'3.12' <= python_version", OHC_PYTHON_YES },
		{ "'3.13' > python_version", OHC_PYTHON_YES },
		{ "'3.2' > python_version", OHC_PYTHON_NO },
		{ "'3.8' ~= python_version", OHC_PYTHON_NO },
		{ "'3.13' ~= python_version", OHC_PYTHON_YES },
		{ "'3' in python_version", OHC_PYTHON_YES },
		{ "'3.12' in python_version", OHC_PYTHON_YES },
		{ "'3.12.1' in python_version", OHC_PYTHON_NO },
		{ "'2' not in python_version", OHC_PYTHON_NO },
		{ "'4' not in python_version", OHC_PYTHON_YES },
		{ "'4' in python_full_version", OHC_PYTHON_UNKNOWN },
		{ "'3.12' in python_full_version", OHC_PYTHON_YES },
		{ "python_full_version in '3.11.4 3.12.4'", OHC_PYTHON_UNKNOWN },
		{ "python_full_version not in '3.11.4 3.13.4'", OHC_PYTHON_YES },
		{ "python_full_version == '3.12.4'", OHC_PYTHON_UNKNOWN },
		{ "'3.12.4' != python_full_version", OHC_PYTHON_UNKNOWN },
		{ "python_full_version == '3.12.*'", OHC_PYTHON_YES },
		{ "python_full_version == '3.11.4'", OHC_PYTHON_NO },
		{ "python_version in '3'", OHC_PYTHON_NO },
		{ "'nux' in sys_platform", OHC_PYTHON_YES },
		{ "sys_platform in 'nux'", OHC_PYTHON_NO },
		{ "'posix' == os_name", OHC_PYTHON_YES },
		{ "'posix' > os_name", OHC_PYTHON_NO },
		{ "python_version in '3.11 3.12'", OHC_PYTHON_YES },
		{ "python_version not in '3.11 3.12'", OHC_PYTHON_NO },
		{ "platform_machine != 'x86_64'", OHC_PYTHON_NO },
		{ "platform_python_implementation != 'PyPy'", OHC_PYTHON_YES },
		{ "extra == 'My.Extra'", OHC_PYTHON_YES },
		{ "extra=='other'", OHC_PYTHON_NO },
		{ "python_full_version < '3.11.3'", OHC_PYTHON_NO },
		{ "python_full_version >= '3.12.4'", OHC_PYTHON_UNKNOWN },
		{ "implementation_version >= '3.9'", OHC_PYTHON_UNKNOWN },
		{ "platform_release == '6.1' and sys_platform == 'win32'", OHC_PYTHON_NO },
		{ "platform_release == '6.1' or sys_platform == 'linux'", OHC_PYTHON_YES },
		{ "platform_release == '6.1'", OHC_PYTHON_UNKNOWN },
		{ "python_version == '3.12.*'", OHC_PYTHON_YES },
		{ "python_version", BAD },
		{ "nonsense == 'x'", BAD },
		{ "python_version >= '3", BAD },
		{ "(python_version >= '3'", BAD },
		{ "python_version >= '3' )", BAD },
		{ "python_version ? '3'", BAD },
		{ "python_version >= '3' and", BAD },
		{ "not in 'x'", BAD },
	};
	struct ohc_python_env env = { "3.12", "", "x86_64" };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf deep = OHC_BUF_INIT;
	enum ohc_python_answer answer;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		bool ok = ohc_python_marker(cases[i].marker, &env, "my-extra", &answer);

		if ((ok ? (int)answer : BAD) != cases[i].answer)
			fail_msg("%s", cases[i].marker);
	}
	for (int i = 0; i < 100000; i++)
		ohc_buf_addc(&deep, '(');
	assert_false(ohc_python_marker(deep.data, &env, "", &answer));
}

static void requirements(void **state)
{
	static const struct {
		const char *text, *name, *extras, *specifiers, *marker;
	} cases[] = {
		{ "requests", "requests", "", "", "" },
		{ "Flask_Login>=1.0", "flask-login", "", ">=1.0", "" },
		{ "zope..Interface (>=4,<5)", "zope-interface", "", ">=4,<5", "" },
		{ "uvicorn [standard, Http_Tools] >=0.1 ; python_version > '3'", "uvicorn",
		  "standard http-tools", ">=0.1 ", "python_version > '3'" },
		{ "a@ https://x/y;z ; extra == 'b'", "a", "", "", "extra == 'b'" },
		{ "a @ git+https://x/y", "a", "", "", "" },
		{ "b;python_version<'3'", "b", "", "", "python_version<'3'" },
		{ "b[]", "b", "", "", "" },
	};
	static const char *const wrong[] = {
		"", "-", "a[", "a[x", "a[x y]", "a (>=1", "[x]", "a[,]"
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_python_requirement_clear) struct ohc_python_requirement r = { 0 };
		ohc_cleanup(ohc_buf_clear) struct ohc_buf extras = OHC_BUF_INIT;

		assert_true(ohc_python_requirement_parse(cases[i].text, &r));
		assert_string_equal(r.name, cases[i].name);
		for (size_t k = 0; k < r.extras.n; k++)
			ohc_buf_addf(&extras, "%s%s", k ? " " : "", r.extras.v[k]);
		assert_string_equal(ohc_buf_str(&extras), cases[i].extras);
		assert_string_equal(r.specifiers, cases[i].specifiers);
		assert_string_equal(r.marker, cases[i].marker);
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(wrong); i++) {
		struct ohc_python_requirement r = { 0 };

		if (ohc_python_requirement_parse(wrong[i], &r))
			fail_msg("'%s'", wrong[i]);
	}
}

static void metadata(void **state)
{
	static const char text[] = "Metadata-Version: 2.1\r\nName: My.Dist\r\nVersion: 1.0\r\n"
				   "Classifier: x\n  folded\nRequires-Dist: a\n >=1\n"
				   "requires-dist:b ; extra == 'c'\nKeywords\n\n"
				   "Requires-Dist: not-this\n";
	ohc_cleanup(ohc_python_dist_clear) struct ohc_python_dist d = { 0 };
	struct ohc_python_dist none = { 0 };

	(void)state;
	assert_true(ohc_python_metadata_parse(text, sizeof(text) - 1, &d));
	assert_string_equal(d.name, "my-dist");
	assert_string_equal(d.version, "1.0");
	assert_int_equal(d.requires.n, 2);
	assert_string_equal(d.requires.v[0], "a >=1");
	assert_string_equal(d.requires.v[1], "b ; extra == 'c'");
	assert_false(ohc_python_metadata_parse("Version: 1\n", 11, &none));
	assert_false(ohc_python_metadata_parse("", 0, &none));
}

static void requires_of_an_egg(void **state)
{
	static const char text[] = "six\r\n  b >= 1  \n# not this\n\n"
				   "[:python_version < \"3\"]\nenum34\n\n"
				   "[Dev]\npytest ; os_name == 'posix'\nc;os_name=='x'\n\n"
				   "[dev:sys_platform == 'linux']\nd @ https://x/y;z\n[]\ne\n";
	static const char *const want[] = {
		"six",
		"b >= 1",
		"enum34 ; (python_version < \"3\")",
		"pytest  ; ( os_name == 'posix') and extra == 'Dev'",
		"c ; (os_name=='x') and extra == 'Dev'",
		"d @ https://x/y;z ; (sys_platform == 'linux') and extra == 'dev'",
		"e",
	};
	ohc_cleanup(ohc_strv_clear) struct ohc_strv got = OHC_STRV_INIT;
	struct ohc_python_env env = { "3.12", "", "x86_64" };

	(void)state;
	ohc_python_requires_txt(text, sizeof(text) - 1, &got);
	assert_int_equal(got.n, OHC_ARRAY_SIZE(want));
	for (size_t i = 0; i < got.n; i++) {
		ohc_cleanup(ohc_python_requirement_clear) struct ohc_python_requirement r = { 0 };
		enum ohc_python_answer answer;

		assert_string_equal(got.v[i], want[i]);
		assert_true(ohc_python_requirement_parse(got.v[i], &r));
		assert_true(ohc_python_marker(r.marker, &env, "", &answer));
		assert_int_equal(answer, i < 2 || i == 6 ? OHC_PYTHON_YES : OHC_PYTHON_NO);
	}
	ohc_python_requires_txt("", 0, &got);
	ohc_python_requires_txt("[", 1, &got);
	assert_string_equal(got.v[got.n - 1], "[");
}

static void note(void *ctx, const struct ohc_python_problem *p)
{
	static const char *const kinds[] = { "missing", "version", "odd" };

	ohc_buf_addf(ctx, "%s: %s requires %s (%s)\n", kinds[p->kind], p->dist, p->requirement,
		     p->found ? p->found : "-");
}

static void a_site(void **state)
{
	static const char tree[] =
		"file /s/app-1.dist-info/METADATA 'Name: app\\nVersion: 1\\nRequires-Dist: "
		"Lib.A>=2\\n"
		"Requires-Dist: libb[fast]\\nRequires-Dist: gone\\nRequires-Dist: old<1\\n"
		"Requires-Dist: win; sys_platform == \"win32\"\\nRequires-Dist: ?\\n"
		"Requires-Dist: dev; extra == \"dev\"\\nRequires-Dist: odd>=1\\n'\n"
		"file /s/lib_a-2.1.dist-info/METADATA 'Name: lib_a\\nVersion: 2.1\\n'\n"
		"file /s/libb-1.dist-info/METADATA 'Name: libb\\nVersion: 1\\n"
		"Requires-Dist: libc[more]; extra == \"fast\"\\nRequires-Dist: slow; extra == "
		"\"slow\"\\n'\n"
		"file /s/libc-1.dist-info/METADATA 'Name: libc\\nVersion: 1\\n"
		"Requires-Dist: deep; extra == \"more\"\\n'\n"
		"file /s/old-1.5-py3.12.egg-info 'Name: old\\nVersion: 1.5\\n'\n"
		"dir /s/odd-unknown.dist-info\n"
		"file /s/eggs.egg-info/PKG-INFO 'Name: eggs\\nVersion: 3\\n'\n"
		"file /s/module.py\n"
		"file /t/gone-7.dist-info/METADATA 'Name: gone\\nVersion: 7\\n'\n"
		"file /t/old-0.1.dist-info/METADATA 'Name: old\\nVersion: 0.1\\n'\n";
	struct ohc_python_env env = { "3.12", "", "x86_64" };
	ohc_cleanup(ohc_python_site_clear) struct ohc_python_site site = { NULL, 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	(void)state;
	tree_make(&t, tree);
	assert_ok(ohc_python_site_load(t.files, "/s", &site, &err), &err);
	assert_int_equal(site.n, 7);
	assert_string_equal(ohc_python_site_find(&site, "eggs")->version, "3");
	assert_string_equal(ohc_python_site_find(&site, "odd")->version, "unknown");
	assert_null(ohc_python_site_find(&site, "win"));
	ohc_python_site_check(&site, &env, note, &got);
	assert_string_equal(got.data, "missing: app requires gone (-)\n"
				      "version: app requires old<1 (1.5)\n"
				      "odd: app requires ? (-)\n"
				      "odd: app requires odd>=1 (unknown)\n"
				      "missing: libc requires deep; extra == \"more\" (-)\n");
	/* A distribution of the second directory counts where the first has none. */
	assert_ok(ohc_python_site_load(t.files, "/t", &site, &err), &err);
	assert_int_equal(site.n, 8);
	assert_string_equal(ohc_python_site_find(&site, "old")->version, "1.5");
	ohc_buf_truncate(&got, 0);
	ohc_python_site_check(&site, &env, note, &got);
	assert_null(strstr(got.data, "gone"));
	tree_remove(&t);
}

static void eggs(void **state)
{
	static const char tree[] =
		"file /s/a.egg-info/PKG-INFO 'Name: a\\nVersion: 1\\n\\nRequires-Dist: text\\n'\n"
		"file /s/a.egg-info/requires.txt 'b[fast]>=2\\n\\n[x]\\nonly-x\\n'\n"
		"file /s/b-1.0-py3.8.egg/EGG-INFO/PKG-INFO 'Name: b\\nVersion: 1.0\\n'\n"
		"file /s/b-1.0-py3.8.egg/EGG-INFO/requires.txt 'c\\n\\n[fast]\\nspeed\\n'\n"
		"file /s/both.egg-info/PKG-INFO 'Name: both\\nRequires-Dist: c\\n'\n"
		"file /s/both.egg-info/requires.txt 'never-asked\\n'\n"
		"file /s/c.egg-link '/src/c\\n.'\n"
		"file /s/zipped-2.0-py3.8.egg 'PK'\n";
	struct ohc_python_env env = { "3.8", "", "x86_64" };
	ohc_cleanup(ohc_python_site_clear) struct ohc_python_site site = { NULL, 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	(void)state;
	tree_make(&t, tree);
	assert_ok(ohc_python_site_load(t.files, "/s", &site, &err), &err);
	assert_int_equal(site.n, 5);
	assert_string_equal(ohc_python_site_find(&site, "zipped")->version, "2.0");
	ohc_python_site_check(&site, &env, note, &got);
	assert_string_equal(got.data, "version: a requires b[fast]>=2 (1.0)\n"
				      "missing: b requires speed ; extra == 'fast' (-)\n");
	tree_remove(&t);
}

static void bytecode(void **state)
{
	unsigned char h[16] = { 0xcb, 0x0d, '\r', '\n', 0, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 10 };

	(void)state;
	assert_int_equal(ohc_pyc_state_of(h, 16, 0x12345678, 10), OHC_PYC_VALID);
	assert_int_equal(ohc_pyc_state_of(h, 16, 0x12345679, 10), OHC_PYC_STALE);
	assert_int_equal(ohc_pyc_state_of(h, 16, 0x12345678, 11), OHC_PYC_STALE);
	assert_int_equal(ohc_pyc_state_of(h, 15, 0x12345678, 10), OHC_PYC_DAMAGED);
	h[4] = 3;
	assert_int_equal(ohc_pyc_state_of(h, 16, 0, 0), OHC_PYC_HASHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_versions),
		cmocka_unit_test(specifiers),
		cmocka_unit_test(markers),
		cmocka_unit_test(requirements),
		cmocka_unit_test(metadata),
		cmocka_unit_test(requires_of_an_egg),
		cmocka_unit_test(eggs),
		cmocka_unit_test(a_site),
		cmocka_unit_test(bytecode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
