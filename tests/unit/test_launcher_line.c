// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/launcher/binary.h"
#include "layout/launcher/line.h"

static void test_words(void **state)
{
	static const struct {
		const char *line;
		const char *words[5];
		enum ohc_line end;
	} rows[] = {
		{ "", { NULL }, OHC_LINE_END },
		{ " \t ", { NULL }, OHC_LINE_END },
		{ "a", { "a" }, OHC_LINE_END },
		{ "  a\tb  ", { "a", "b" }, OHC_LINE_END },
		{ "'a b' \"c  d\" e\\ f", { "a b", "c  d", "e f" }, OHC_LINE_END },
		{ "'' \"\"", { "", "" }, OHC_LINE_END },
		{ "a'b'\"c\"d", { "abcd" }, OHC_LINE_END },
		{ "'\\' \"\\\"\" \\' \\\\", { "\\", "\"", "'", "\\" }, OHC_LINE_END },
		{ "\"it's\" 'say \"x\"'", { "it's", "say \"x\"" }, OHC_LINE_END },
		{ "A=\"b c\"", { "A=b c" }, OHC_LINE_END },
		{ "a 'b", { "a" }, OHC_LINE_BAD },
		{ "a \"b'", { "a" }, OHC_LINE_BAD },
		{ "a b\\", { "a" }, OHC_LINE_BAD },
		{ "\"b\\", { NULL }, OHC_LINE_BAD },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char *line = ohc_xstrdup(rows[i].line), *at = line, *word = NULL;
		enum ohc_line rc = OHC_LINE_END;

		for (size_t k = 0; (rc = ohc_line_word(&at, &word)) == OHC_LINE_WORD; k++)
			assert_string_equal(word, rows[i].words[k]);
		assert_int_equal(rc, rows[i].end);
		free(line);
	}
}

static void test_settings(void **state)
{
	static const struct {
		const char *word, *name, *files, *value;
		enum ohc_setting_kind kind;
	} rows[] = {
		{ "A=", "A", "", "", OHC_SET_ALWAYS },
		{ "_a9=b=c", "_a9", "", "b=c", OHC_SET_ALWAYS },
		{ "A?=b", "A", "", "b", OHC_SET_UNSET },
		{ "PATH^=/x", "PATH", "", "/x", OHC_SET_FRONT },
		{ "A+=/x", "A", "", "/x", OHC_SET_BEHIND },
		{ "A!/x|/y z=v", "A", "/x|/y z", "v", OHC_SET_LACKING },
		{ "A!=v", "A", "", "v", OHC_SET_LACKING },
		{ ".=$1", "", "", "$1", OHC_SET_CWD },
	};
	static const char *const not [] = {
		"",     "A",   "bin/a=b", "/a=b", "9A=b", "=b",   "A-B=c", ".",    "./a=b",
		".A=b", "A?b", "A??",     "A^",   "A!",   "A!/x", "$A=\1", "A:=b",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_setting s;

		assert_true(ohc_line_setting(rows[i].word, &s));
		assert_int_equal(s.kind, rows[i].kind);
		assert_int_equal(s.name_n, strlen(rows[i].name));
		if (s.name_n)
			assert_memory_equal(s.name, rows[i].name, s.name_n);
		assert_int_equal(s.files_n, strlen(rows[i].files));
		if (s.files_n)
			assert_memory_equal(s.files, rows[i].files, s.files_n);
		assert_string_equal(s.value, rows[i].value);
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(not ); i++) {
		struct ohc_setting s;

		assert_false(ohc_line_setting(not [i], &s));
	}
}

static void test_expand(void **state)
{
	static const char *const args[] = { "80", "", "c" };
	static const struct ohc_line_values values = { "/p", args, 3 };
	static const struct {
		const char *word, *text;
		long rc; /* where there is no text */
		int highest;
	} rows[] = {
		{ "", "", 0, 0 },
		{ "a b", "a b", 0, 0 },
		{ "$PREFIX/x${PREFIX}y", "/p/x/py", 0, 0 },
		{ "$$PREFIX$$", "$PREFIX$", 0, 0 },
		{ "$1", "80", 0, 1 },
		{ "<${3}>$2", "<c>", 0, 3 },
		{ "${1:+--port}", "--port", 0, 1 },
		{ "a${2:+}b", "ab", 0, 2 },
		{ "${3:+ x y=z}", " x y=z", 0, 3 },
		{ "$4", NULL, OHC_LINE_ABSENT, 4 },
		{ "$1${9:+x}", NULL, OHC_LINE_ABSENT, 9 },
		{ "$", NULL, OHC_LINE_BAD, 0 },
		{ "$0", NULL, OHC_LINE_BAD, 0 },
		{ "$@x", NULL, OHC_LINE_BAD, 0 },
		{ "${1", NULL, OHC_LINE_BAD, 0 },
		{ "${1:+", NULL, OHC_LINE_BAD, 0 },
		{ "${1:+$2}", NULL, OHC_LINE_BAD, 0 },
		{ "${1:-x}", NULL, OHC_LINE_BAD, 0 },
		{ "${12}", NULL, OHC_LINE_BAD, 0 },
		{ "${PREF", NULL, OHC_LINE_BAD, 0 },
		{ "$HOME", NULL, OHC_LINE_BAD, 0 },
		{ "123456789012345", "123456789012345", 0, 0 },
		{ "1234567890123456", NULL, OHC_LINE_LONG, 0 },
		{ "12345678901234$1", NULL, OHC_LINE_LONG, 1 },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		char out[16];
		long rc = ohc_line_expand(rows[i].word, &values, out, sizeof(out));

		assert_int_equal(ohc_line_highest(rows[i].word), rows[i].highest);
		if (!rows[i].text) {
			assert_int_equal(rc, rows[i].rc);
			continue;
		}
		assert_int_equal(rc, strlen(rows[i].text));
		assert_string_equal(out, rows[i].text);
	}
	assert_int_equal(ohc_line_expand("", &values, NULL, 0), OHC_LINE_LONG);
	assert_true(ohc_line_is_rest("$@"));
	assert_false(ohc_line_is_rest("$@x"));
	assert_false(ohc_line_is_rest("$"));
}

/* The machine that this is built on has at least its own. */
static void test_binaries(void **state)
{
#if defined(__x86_64__)
	const char *own = "amd64";
#else
	const char *own = "arm64";
#endif
	struct ohc_error err = OHC_ERROR_INIT;
	const void *data = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(ohc_launcher_binary(own, &data, &n, &err), 0);
	assert_in_range(n, 1000, 16383);
	assert_memory_equal(data, "\177ELF\2\1", 6);
	assert_int_equal(ohc_launcher_binary("riscv64", &data, &n, &err), -OHC_E_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "'riscv64'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_binaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
