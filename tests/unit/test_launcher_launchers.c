// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/launcher/line.h"
#include "layout/launcher/launchers.h"

#define PREFIX "/openhands"

#if defined(__x86_64__)
#define ARCH "amd64"
#else
#define ARCH "arm64"
#endif

static void add_file(struct ohc_assembly *b, const char *below)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf(PREFIX "/%s", below);
	const mode_t mode = strncmp(below, "etc/", 4) == 0 ? 0644 : 0755;
	const struct ohc_assembly_item item = { .path = path, .mode = mode, .origin = "a test" };
	const struct ohc_content content = { .kind = OHC_CONTENT_BYTES, .bytes = "x", .size = 1 };

	assert_int_equal(ohc_assembly_file(b, &item, &content, NULL, NULL), 0);
}

static void test_parse(void **state)
{
	static const struct {
		const char *spec, *line;
	} rows[] = {
		{ "oh-x=bin/x", "oh-x: bin/x" },
		{ "x=/usr/bin/env", "x: /usr/bin/env" },
		{ "x=bin/x a=b  -c", "x: bin/x a=b -c" },
		{ "x=A=1 B?='2 3' bin/x 'a b' \"it's\" ''",
		  "x: A=1 'B?=2 3' bin/x 'a b' \"it's\" ''" },
		{ "x=bin/x \"it's \\\"\\\\\" \\' '\"'", "x: bin/x \"it's \\\"\\\\\" \"'\" '\"'" },
		{ "x=bin/x $1 ${2:+-d} $2 $@", "x: bin/x $1 ${2:+-d} $2 $@" },
		{ "x=A!/f|/g=$PREFIX/a .=$1 P^=$$ bin/x", "x: A!/f|/g=$PREFIX/a .=$1 P^=$$ bin/x" },
		{ "a.b_c+d-9=x", "a.b_c+d-9: x" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_launchers l = OHC_LAUNCHERS_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		const char *line;

		assert_int_equal(ohc_launchers_parse(&l, rows[i].spec, &err), 0);
		assert_int_equal(ohc_launchers_text(&l, &text, &err), 0);
		line = memrchr(text.data, '\n', text.len - 1);
		assert_non_null(line);
		assert_int_equal(strlen(line + 1), strlen(rows[i].line) + 1);
		assert_memory_equal(line + 1, rows[i].line, strlen(rows[i].line));
		ohc_launchers_clear(&l);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *spec, *message;
	} rows[] = {
		{ "oh-x", "'oh-x' is no launcher" },
		{ "=bin/x", "'' is no launcher's name" },
		{ "a/b=bin/x", "'a/b' is no launcher's name" },
		{ "..=bin/x", "'..' is no launcher's name" },
		{ "-x=bin/x", "'-x' is no launcher's name" },
		{ "*=A=1 bin/x", "'*' is no launcher's name" },
		{ "a b=bin/x", "'a b' is no launcher's name" },
		{ "a:=bin/x", "'a:' is no launcher's name" },
		{ "x=", "launcher 'x' has no program" },
		{ "x=A=1", "launcher 'x' has no program" },
		{ "x=''", "launcher 'x' cannot start ''" },
		{ "x=bin/", "launcher 'x' cannot start 'bin/'" },
		{ "x=../bin/x", "launcher 'x' cannot start '../bin/x'" },
		{ "x=/a/../x", "launcher 'x' cannot start '/a/../x'" },
		{ "x=bin/$1", "launcher 'x' has a program 'bin/$1' that depends on arguments" },
		{ "x=bin/x 'a", "'x=bin/x 'a' has a quote without its end" },
		{ "x=bin/x a\\", "has a quote without its end" },
		{ "x=bin/x $HOME", "launcher 'x' has '$HOME', whose '$' means nothing" },
		{ "x=A=$x bin/x", "launcher 'x' has '$x', whose '$' means nothing" },
		{ "x=bin/x $@ $@", "launcher 'x' has '$@' twice" },
		{ "x=bin/x a\nb", "launcher 'x' has a newline" },
		{ "x=A!/a\nb=c bin/x", "launcher 'x' has a newline" },
		{ "x=A=\1 bin/x", "launcher 'x' has a newline or another control character" },
		{ "x=LD_LIBRARY_PATH=/l bin/x", "launcher 'x' sets 'LD_LIBRARY_PATH'" },
	};
	struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	struct ohc_strv words = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		assert_int_equal(ohc_launchers_parse(&l, rows[i].spec, &err), -OHC_E_FORMAT);
		if (!strstr(err.msg, rows[i].message))
			fail_msg("'%s': '%s'", rows[i].spec, err.msg);
		assert_int_equal(l.n, 0);
	}
	assert_int_equal(ohc_launchers_parse(&l, "x=bin/x", &err), 0);
	assert_int_equal(ohc_launchers_parse(&l, "x=bin/y", &err), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "two launchers 'x'"));

	for (int i = 0; i < OHC_LAUNCHER_WORDS - 1; i++)
		ohc_strv_add(&words, "w");
	assert_int_equal(ohc_launchers_put(&l, "y", NULL, "y", &words, &err), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "more than"));
	assert_int_equal(l.n, 1);
	assert_int_equal(ohc_launchers_put(&l, "y", &words, "y", NULL, &err), -OHC_E_FORMAT);
	ohc_strv_clear(&words);

	ohc_strv_add(&words, "no setting");
	assert_int_equal(ohc_launchers_put(&l, "y", &words, "y", NULL, &err), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "'no setting', which sets no variable"));
	ohc_strv_clear(&words);
	ohc_launchers_clear(&l);
}

/* A line that was written is read as the same. */
static void test_again(void **state)
{
	static const char *const words[] = { "A=b c", "bin/x", "",  " ",  "\t",  "'",  "\"", "\\",
					     "'\"\\", "a'b c", "#", "x:", "\\'", "$$", "ü ☃" };
	struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_strv settings = OHC_STRV_INIT, args = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	char *at, *word;

	(void)state;
	ohc_strv_add(&settings, words[0]);
	for (size_t i = 2; i < OHC_ARRAY_SIZE(words); i++)
		ohc_strv_add(&args, words[i]);
	assert_int_equal(ohc_launchers_put(&l, "n", &settings, words[1], &args, &err), 0);
	assert_int_equal(ohc_launchers_text(&l, &text, &err), 0);
	text.data[text.len - 1] = '\0';
	at = strstr(text.data, "\nn:");
	assert_non_null(at);
	at += 3;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++) {
		assert_int_equal(ohc_line_word(&at, &word), OHC_LINE_WORD);
		assert_string_equal(word, words[i]);
	}
	assert_int_equal(ohc_line_word(&at, &word), OHC_LINE_END);
	ohc_strv_clear(&settings);
	ohc_strv_clear(&args);
	ohc_launchers_clear(&l);
}

static void test_too_long(void **state)
{
	struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *arg = ohc_xmalloc(40001);
	struct ohc_strv args = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memset(arg, 'x', 40000);
	arg[40000] = '\0';
	ohc_strv_add(&args, arg);
	assert_int_equal(ohc_launchers_put(&l, "a", NULL, "x", &args, &err), 0);
	assert_int_equal(ohc_launchers_put(&l, "b", NULL, "x", &args, &err), 0);
	assert_int_equal(ohc_launchers_text(&l, &text, &err), -OHC_E_FORMAT);
	ohc_strv_clear(&args);
	ohc_launchers_clear(&l);
}

static void test_add(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *below = ohc_assembly_new(PREFIX, NULL);
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new(PREFIX, below);
	struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_assembly_found found;
	char text[4096] = "";
	ssize_t n;

	(void)state;
	assert_int_equal(ohc_launchers_add(&l, "none", PREFIX, b, &err), 0);
	assert_int_equal(ohc_assembly_find(b, PREFIX "/etc/launchers").mode, 0);

	add_file(below, "libexec/tmux");
	assert_int_equal(ohc_launchers_parse(&l, "tmux=libexec//./tmux", &err), 0);
	assert_int_equal(ohc_launchers_parse(&l, "oh-tmux=bin/tmux", &err), 0);
	assert_int_equal(ohc_launchers_parse(&l, "again=$PREFIX/libexec/tmux x", &err), 0);
	assert_int_equal(ohc_launchers_parse(&l, "base=/bin/sh", &err), 0);
	assert_int_equal(ohc_launchers_add(&l, "riscv64", PREFIX, b, &err), -OHC_E_UNSUPPORTED);
	assert_int_equal(ohc_launchers_add(&l, ARCH, PREFIX, b, &err), 0);
	found = ohc_assembly_find(b, PREFIX "/bin/oh-tmux");
	assert_int_equal(found.mode & 07777, 0755);
	/* One file by four names. */
	assert_in_range(ohc_assembly_bytes(b), found.size, found.size + sizeof(text));
	assert_int_equal(ohc_assembly_find(b, PREFIX "/bin/base").mode & 0777, 0755);
	n = ohc_assembly_read(b, PREFIX "/etc/launchers", text, sizeof(text) - 1, &err);
	assert_true(n > 0);
	assert_non_null(strstr(text, "\nagain: $PREFIX/libexec/tmux x\nbase: /bin/sh\n"
				     "oh-tmux: bin/tmux\ntmux: libexec//./tmux\n"));
	ohc_launchers_clear(&l);
}

static void test_add_refused(void **state)
{
	static const struct {
		const char *specs[3], *message;
		int rc;
	} rows[] = {
		{ { "x=bin/y" },
		  "'/openhands/bin/y', which is not in the payload",
		  OHC_E_NOT_FOUND },
		{ { "x=/openhands/y" }, "'/openhands/y', which is not", OHC_E_NOT_FOUND },
		{ { "x=bin" }, "'/openhands/bin', which is a directory", OHC_E_FORMAT },
		{ { "x=etc/text" }, "'/openhands/etc/text', which is no file that", OHC_E_FORMAT },
		{ { "x=bin/x" }, "launcher 'x' starts itself", OHC_E_FORMAT },
		{ { "x=bin/y", "y=/openhands/bin/z", "z=./bin/x" }, "starts itself", OHC_E_FORMAT },
		{ { "a=bin/tool", "tool=bin/a" }, "starts itself", OHC_E_FORMAT },
		{ { "tool=/bin/sh" }, "/openhands/bin/tool", OHC_E_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b =
			ohc_assembly_new(PREFIX, NULL);
		struct ohc_launchers l = OHC_LAUNCHERS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		add_file(b, "bin/tool");
		add_file(b, "etc/text");
		for (size_t k = 0; k < 3 && rows[i].specs[k]; k++)
			assert_int_equal(ohc_launchers_parse(&l, rows[i].specs[k], &err), 0);
		assert_int_equal(ohc_launchers_add(&l, ARCH, PREFIX, b, &err), -rows[i].rc);
		if (!strstr(err.msg, rows[i].message))
			fail_msg("%zu: '%s'", i, err.msg);
		ohc_launchers_clear(&l);
	}
}

/* "NAME: PROGRAM" of the profile's, in the order of names, for a payload of these files. */
static void test_profile(void **state)
{
	static const struct {
		const char *files[6], *launchers[6];
	} rows[] = {
		{ { "bin/ls" }, { NULL } },
		{ { "bin/tmux" }, { "oh-tmux: bin/tmux" } },
		{ { "bin/tmux", "libexec/tmux" }, { "oh-tmux: libexec/tmux" } },
		{ { "bin/tmux", "bin/oh-tmux" }, { NULL } },
		{ { "bin/bash" }, { NULL } },
		{ { "libexec/bash" }, { "bash: libexec/bash" } },
		{ { "python/bin/python3.9", "python/bin/python3.12", "bin/python3" },
		  { "oh-python: python/bin/python3.12" } },
		{ { ".venv/bin/python", "python/bin/python3" }, { "oh-python: .venv/bin/python" } },
		{ { "poetry/openhands-ai-x-py3.12/bin/python",
		    "poetry/openhands-ai-x-py3.12/lib/python3.12/site-packages/playwright/"
		    "__main__.py",
		    "code/openhands/runtime/action_execution_server.py",
		    "browser/ms-playwright/chromium-999/chrome-linux/chrome",
		    "browser/ms-playwright/chromium-1181/chrome-linux/chrome" },
		  { "oh-action-execution-server: SU_TO_USER?=false "
		    "poetry/openhands-ai-x-py3.12/bin/python -u -c ",
		    "oh-chromium: browser/ms-playwright/chromium-1181/chrome-linux/chrome",
		    "oh-playwright: poetry/openhands-ai-x-py3.12/bin/python",
		    "oh-python: poetry/openhands-ai-x-py3.12/bin/python" } },
		{ { ".venv/bin/python",
		    ".venv/lib/python3.13/site-packages/openhands/agent_server/__main__.py",
		    "browser/chromium/chrome", "etc/fonts/fonts.conf" },
		  { "oh-action-execution-server: .=$2 .venv/bin/python -u -m "
		    "openhands.agent_server --host 0.0.0.0 ${1:+--port} $1 $@",
		    "oh-chromium: FONTCONFIG_FILE?=$PREFIX/etc/fonts/fonts.conf "
		    "browser/chromium/chrome --no-sandbox --disable-dev-shm-usage",
		    "oh-python: .venv/bin/python" } },
		{ { ".venv/bin/python", ".venv/lib/python3.13/dist-packages/playwright/__main__.py",
		    ".venv/lib/python3.13/dist-packages/openhands/runtime/"
		    "action_execution_server.py" },
		  { "oh-action-execution-server: SU_TO_USER?=false .venv/bin/python -u -m "
		    "openhands.runtime.action_execution_server $1 ${2:+--working-dir} $2 $@",
		    "oh-playwright: .venv/bin/python -m playwright",
		    "oh-python: .venv/bin/python" } },
		{ { "action-execution-server/action-execution-server" },
		  { "oh-action-execution-server: SU_TO_USER?=false "
		    "action-execution-server/action-execution-server "
		    "$1 "
		    "${2:+--working-dir} $2 $@" } },
		{ { "poetry/a/b/bin/python", "code/openhands/runtime/action_execution_server.py" },
		  { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *one =
			ohc_assembly_new(PREFIX, NULL);
		ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *two =
			ohc_assembly_new(PREFIX, one);
		struct ohc_assembly *both[] = { one, two };
		ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
		struct ohc_launchers l = OHC_LAUNCHERS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		size_t n = 0;

		for (size_t k = 0; k < 6 && rows[i].files[k]; k++)
			add_file(k % 2 ? two : one, rows[i].files[k]);
		ohc_launchers_of_profile(&l, "openhands", PREFIX, both, 2);
		assert_int_equal(ohc_launchers_text(&l, &text, &err), 0);
		for (; n < 6 && rows[i].launchers[n]; n++) {
			ohc_cleanup(ohc_freep) char *line =
				ohc_xasprintf("\n%s", rows[i].launchers[n]);

			if (!strstr(text.data, line))
				fail_msg("%zu: no '%s' in:\n%s", i, line + 1, text.data);
		}
		assert_int_equal(l.n, n);
		assert_int_equal(ohc_launchers_add(&l, ARCH, PREFIX, two, &err), 0);
		ohc_launchers_clear(&l);
	}
}

static void test_common(void **state)
{
	static const char *const profiles[] = { "agent-server", "none", NULL };
	static const char *const rows[][2] = {
		{ "bin/x", "PATH^=$PREFIX/bin" },
		{ "lib/locale/C.utf8/LC_CTYPE", "LOCPATH!" },
		{ "etc/ssl/certs/ca-certificates.crt", "SSL_CERT_FILE!" },
		{ "share/terminfo/x/xterm", "TERMINFO_DIRS+=$PREFIX/" },
		{ "etc/fonts/fonts.conf", "FONTCONFIG_FILE!/etc/fonts/fonts.conf=" },
		{ "browser/ms-playwright/firefox-1/firefox/firefox", "PLAYWRIGHT_BROWSERS_PATH?=" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b =
			ohc_assembly_new(PREFIX, NULL);
		struct ohc_launchers l = OHC_LAUNCHERS_INIT;
		const char *last;

		add_file(b, rows[i][0]);
		add_file(b, "bin/tmux");
		ohc_launchers_of_profile(&l, profiles[i % 3], PREFIX, &b, 1);
		assert_int_equal(l.n, 0);
		assert_in_range(l.common.n, 1, 3);
		last = l.common.v[i ? 1 : 0];
		assert_memory_equal(last, rows[i][1], strlen(rows[i][1]));
		for (size_t k = 0; k < l.common.n; k++) {
			struct ohc_setting s;

			assert_true(ohc_line_setting(l.common.v[k], &s));
		}
		ohc_launchers_clear(&l);
	}
}

/* A recipe's own launcher stands, whatever the profile has. */
static void test_own(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new(PREFIX, NULL);
	struct ohc_launchers l = OHC_LAUNCHERS_INIT;

	(void)state;
	add_file(b, "bin/tmux");
	assert_int_equal(ohc_launchers_parse(&l, "oh-tmux=bin/tmux -u", NULL), 0);
	ohc_launchers_of_profile(&l, "openhands", PREFIX, &b, 1);
	assert_int_equal(l.n, 1);
	assert_string_equal(ohc_launchers_find(&l, "oh-tmux")->args.v[0], "-u");
	assert_null(ohc_launchers_find(&l, "oh"));
	ohc_launchers_clear(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_again),   cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_add),     cmocka_unit_test(test_add_refused),
		cmocka_unit_test(test_profile), cmocka_unit_test(test_common),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
