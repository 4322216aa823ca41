// SPDX-License-Identifier: Apache-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/printable.h"
#include "cmd/progress.h"
#include "core/units.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "oci/documents/json.h"

static int64_t now;

static int64_t clock_of_test(void)
{
	return now;
}

/* A report into memory. */
struct screen {
	char *text;
	size_t n;
	FILE *out;
	struct ohc_report *report;
};

static void open_screen(struct screen *s, enum ohc_progress_mode mode, enum ohc_level level,
			unsigned int columns)
{
	now = 1000000;
	s->out = open_memstream(&s->text, &s->n);
	assert_non_null(s->out);
	s->report = ohc_progress_new(&(struct ohc_progress_options){
		.mode = mode,
		.level = level,
		.out = s->out,
		.clock = clock_of_test,
		.columns = columns,
	});
}

static void close_screen(struct screen *s)
{
	ohc_progress_free(s->report);
	fclose(s->out);
	free(s->text);
}

/* Returns what was written since the last call. */
static const char *written(struct screen *s)
{
	static char text[4096];

	fflush(s->out);
	assert_true(s->n < sizeof(text));
	memcpy(text, s->text, s->n);
	text[s->n] = '\0';
	rewind(s->out);
	return text;
}

static void plain(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *large, *small;

	(void)state;
	open_screen(&s, OHC_PROGRESS_PLAIN, OHC_NOTICE, 0);
	large = ohc_task_begin(s.report, "upload", "layer sha256:12ab", 100000000);
	assert_string_equal(written(&s), "upload layer sha256:12ab: 100.0 MB\n");
	small = ohc_task_begin(s.report, "upload", "config sha256:34cd", 2345);
	assert_string_equal(written(&s), "");
	now += 500;
	ohc_task_advance(small, 2345);
	ohc_task_end(small, "done");
	assert_string_equal(written(&s), "upload config sha256:34cd: done, 2.3 kB in 0.5 s\n");
	now += 9000;
	ohc_task_advance(large, 19000000);
	assert_string_equal(written(&s), "");
	now += 500;
	ohc_task_advance(large, 1000000);
	assert_string_equal(written(&s), "");
	now += 500;
	ohc_task_advance(large, 1000000);
	assert_string_equal(written(&s),
			    "upload layer sha256:12ab: 21.0 MB of 100.0 MB, 2.0 MB/s\n");
	now += 9500;
	ohc_task_advance(large, 9000000);
	assert_string_equal(written(&s), "");
	ohc_task_end(large, NULL);
	assert_string_equal(written(&s),
			    "upload layer sha256:12ab: failed, 30.0 MB in 20 s, 1.5 MB/s\n");
}

static void outcome_without_bytes(void **state)
{
	ohc_cleanup(close_screen) struct screen s;

	(void)state;
	open_screen(&s, OHC_PROGRESS_AUTO, OHC_NOTICE, 0);
	ohc_task_end(ohc_task_begin(s.report, "mount", "layer sha256:12ab", 77), "mounted");
	assert_string_equal(written(&s), "mount layer sha256:12ab: mounted\n");
}

static void levels(void **state)
{
	static const struct {
		enum ohc_progress_mode mode;
		enum ohc_level level;
		const char *text;
	} cases[] = {
		{ OHC_PROGRESS_PLAIN, OHC_WARNING, "ohcompose: warning: w\n" },
		{ OHC_PROGRESS_PLAIN, OHC_NOTICE, "ohcompose: warning: w\nn\nv s: done\n" },
		{ OHC_PROGRESS_NONE, OHC_NOTICE, "ohcompose: warning: w\nn\n" },
		{ OHC_PROGRESS_NONE, OHC_TRACE, "ohcompose: warning: w\nn\nv\nt\n" },
		{ OHC_PROGRESS_PLAIN, OHC_VERBOSE,
		  "ohcompose: warning: w\nn\nv\nv s: 1 B\nv s: done\n" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(close_screen) struct screen s;

		open_screen(&s, cases[i].mode, cases[i].level, 0);
		ohc_report_say(s.report, OHC_WARNING, "w");
		ohc_report_say(s.report, OHC_NOTICE, "n");
		ohc_report_say(s.report, OHC_VERBOSE, "v");
		ohc_report_say(s.report, OHC_TRACE, "t");
		ohc_task_end(ohc_task_begin(s.report, "v", "s", 1), "done");
		assert_string_equal(written(&s), cases[i].text);
	}
}

static void hostile_text(void **state)
{
	ohc_cleanup(close_screen) struct screen s;

	(void)state;
	open_screen(&s, OHC_PROGRESS_PLAIN, OHC_NOTICE, 0);
	ohc_report_say(s.report, OHC_NOTICE, "a\nb\033[2J\x7f\t\xff é");
	assert_string_equal(written(&s), "a\\nb\\x1b[2J\\x7f\\t\\xff é\n");
	ohc_task_end(ohc_task_begin(s.report, "v\r", "s\xc2\x9b", 0), "o\n");
	assert_string_equal(written(&s), "v\\r s\\xc2\\x9b: o\\n\n");
	ohc_progress_error(s.report, "bad\n", 3);
	assert_string_equal(written(&s), "ohcompose: bad\\n\n");
}

static void printable(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "plain ü € 😀", "plain ü € 😀" },
		{ "\xe2\x80\xae"
		  "gpj",
		  "\\xe2\\x80\\xaegpj" },                       /* right-to-left override */
		{ "\xc0\xaf", "\\xc0\\xaf" },                   /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* a surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
		{ "\xe2\x82", "\\xe2\\x82" },                   /* cut short */
		{ "\xf0\x9f", "\\xf0\\x9f" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		ohc_printable(&b, cases[i].in);
		assert_string_equal(ohc_buf_str(&b), cases[i].out);
	}
}

static void fit(void **state)
{
	size_t columns;

	(void)state;
	assert_int_equal(ohc_printable_fit("abc", 2, &columns), 2);
	assert_int_equal(ohc_printable_fit("abc", 9, &columns), 3);
	assert_int_equal(columns, 3);
	assert_int_equal(ohc_printable_fit("é€x", 2, &columns), 5);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return;
	assert_int_equal(ohc_printable_fit("漢字", 3, &columns), 3);
	assert_int_equal(columns, 2);
}

static void tty(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *a, *b;

	(void)state;
	open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, 60);
	ohc_report_say(s.report, OHC_NOTICE, "before");
	assert_string_equal(written(&s), "before\n");
	a = ohc_task_begin(s.report, "upload", "layer sha256:12ab", 100000000);
	assert_string_equal(written(&s), "\rupload layer sha256:12ab               "
					 "  0 B/100.0 MB    0%\033[K\n\033[J");
	now += 99;
	ohc_task_advance(a, 10000000);
	now += 901;
	ohc_task_advance(a, 10000000);
	assert_string_equal(written(&s), "\033[1A\rupload layer sha256:12ab"
					 "  20.0 MB/100.0 MB   20%  20.0 MB/s\033[K\n\033[J");
	ohc_task_advance(a, 10000000); /* less than a tenth of a second later */
	assert_string_equal(written(&s), "");
	b = ohc_task_begin(s.report, "read", "manifest", 0);
	assert_string_equal(written(&s),
			    "\033[1A\rupload layer sha256:12ab"
			    "  30.0 MB/100.0 MB   30%  20.0 MB/s\033[K\n"
			    "read manifest                                           0 B"
			    "\033[K\n\033[J");
	ohc_report_say(s.report, OHC_WARNING, "above");
	assert_string_equal(written(&s),
			    "\033[2A\rohcompose: warning: above\033[K\n"
			    "upload layer sha256:12ab"
			    "  30.0 MB/100.0 MB   30%  20.0 MB/s\033[K\n"
			    "read manifest                                           0 B"
			    "\033[K\n\033[J");
	ohc_task_end(a, "done");
	assert_string_equal(written(&s),
			    "\033[2A\rupload layer sha256:12ab: done, 30.0 MB in "
			    "1.0 s, 30.0 MB/s\033[K\n"
			    "read manifest                                           0 B"
			    "\033[K\n\033[J");
	ohc_task_end(b, NULL);
	assert_string_equal(written(&s), "\033[1A\rread manifest: failed\033[K\n\033[J");
	ohc_report_say(s.report, OHC_NOTICE, "after");
	assert_string_equal(written(&s), "after\n");
}

/* Whatever the width, no line reaches the last column. */
static void narrow(void **state)
{
	(void)state;
	for (unsigned int columns = 1; columns < 130; columns++) {
		ohc_cleanup(close_screen) struct screen s;
		struct ohc_task *t;
		const char *text;
		size_t used;

		open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, columns);
		t = ohc_task_begin(s.report, "upload", "layer sha256:0123456789abcdef0123456789",
				   123456789);
		now += 1000;
		written(&s);
		ohc_task_advance(t, 12345679);
		text = written(&s);
		assert_memory_equal(text, "\033[1A\r", 5);
		text += 5;
		ohc_printable_fit(text, strcspn(text, "\033"), &used);
		assert_true(strcspn(text, "\033") < columns);
		if (columns > 100)
			assert_non_null(
				strstr(text, "12.3 MB/123.5 MB   10%  12.3 MB/s  8.9 s left"));
		else if (columns > 30)
			assert_non_null(strstr(text, "  10%"));
		ohc_task_end(t, "done");
	}
}

static void many_tasks(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *t[40];
	const char *text;
	size_t lines = 0;

	(void)state;
	open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, 60);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(t); i++) {
		t[i] = ohc_task_begin(s.report, "read", "layer", 0);
		text = written(&s);
	}
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 23); /* a terminal of 24 lines, one of them the cursor's */
	assert_non_null(strstr(text, "and 18 more\033[K\n"));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(t); i++)
		ohc_task_end(t[i], "done");
}

static void json(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *a, *b;

	(void)state;
	open_screen(&s, OHC_PROGRESS_JSON, OHC_NOTICE, 0);
	a = ohc_task_begin(s.report, "upload", "layer \"x\"", 100);
	b = ohc_task_begin(s.report, "read", "y", 0);
	assert_string_equal(written(&s), "{\"event\":\"begin\",\"task\":1,\"verb\":\"upload\","
					 "\"subject\":\"layer \\\"x\\\"\",\"total\":100}\n"
					 "{\"event\":\"begin\",\"task\":2,\"verb\":\"read\","
					 "\"subject\":\"y\"}\n");
	now += 1000;
	ohc_task_advance(a, 50);
	ohc_task_advance(a, 10);
	assert_string_equal(written(&s), "{\"event\":\"progress\",\"task\":1,\"bytes\":50}\n");
	now += 500;
	ohc_task_end(a, "done");
	ohc_task_end(b, NULL);
	assert_string_equal(written(&s), "{\"event\":\"end\",\"task\":1,\"bytes\":60,"
					 "\"seconds\":1.5,\"outcome\":\"done\"}\n"
					 "{\"event\":\"end\",\"task\":2,\"bytes\":0,"
					 "\"seconds\":1.5}\n");
	ohc_report_say(s.report, OHC_WARNING, "bad \xff");
	assert_string_equal(written(&s), "{\"event\":\"message\",\"level\":\"warning\","
					 "\"text\":\"bad \\\\xff\"}\n");
	ohc_progress_error(s.report, "gone", 4);
	assert_string_equal(written(&s), "{\"event\":\"message\",\"level\":\"error\","
					 "\"text\":\"gone\",\"status\":4}\n");
}

/* Shows "N/9 images" and a second line. */
static void set_status(struct screen *s, unsigned int n)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv lines = OHC_STRV_INIT;
	ohc_cleanup(ohc_json_decref) json_t *figures = json_pack("{s:i}", "ended", (int)n);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf first = OHC_BUF_INIT;

	ohc_buf_addf(&first, "%u/9 images", n);
	ohc_strv_add(&lines, ohc_buf_str(&first));
	ohc_strv_add(&lines, "reg\nistry");
	ohc_progress_set_status(
		s->report, &(struct ohc_progress_status){ .lines = &lines, .figures = figures });
}

static void status_tty(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *t;

	(void)state;
	open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, 40);
	assert_true(ohc_progress_is_live(s.report));
	set_status(&s, 1);
	assert_string_equal(written(&s), "\r1/9 images\033[K\nreg\\nistry\033[K\n\033[J");
	t = ohc_task_begin(s.report, "read", "manifest", 0);
	assert_string_equal(written(&s), "\033[2A\rread manifest                       0 B"
					 "\033[K\n1/9 images\033[K\nreg\\nistry\033[K\n\033[J");
	ohc_task_end(t, "done");
	assert_string_equal(written(&s), "\033[3A\rread manifest: done\033[K\n"
					 "1/9 images\033[K\nreg\\nistry\033[K\n\033[J");
	ohc_report_say(s.report, OHC_NOTICE, "above");
	assert_string_equal(written(&s), "\033[2A\rabove\033[K\n"
					 "1/9 images\033[K\nreg\\nistry\033[K\n\033[J");
	ohc_progress_set_status(s.report, NULL);
	assert_string_equal(written(&s), "\033[2A\r\033[J");
	ohc_report_say(s.report, OHC_NOTICE, "after");
	assert_string_equal(written(&s), "after\n");
}

static void status_narrow(void **state)
{
	(void)state;
	for (unsigned int columns = 1; columns < 20; columns++) {
		ohc_cleanup(close_screen) struct screen s;
		const char *text;

		open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, columns);
		set_status(&s, 1);
		text = written(&s) + 1;
		assert_int_equal(strcspn(text, "\033"), columns - 1 < 10 ? columns - 1 : 10);
	}
}

/* Tasks give way to the status. */
static void status_many_tasks(void **state)
{
	ohc_cleanup(close_screen) struct screen s;
	struct ohc_task *t[40];
	const char *text = "";
	size_t lines = 0;

	(void)state;
	open_screen(&s, OHC_PROGRESS_TTY, OHC_NOTICE, 60);
	set_status(&s, 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(t); i++) {
		t[i] = ohc_task_begin(s.report, "read", "layer", 0);
		text = written(&s);
	}
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 23);
	assert_non_null(strstr(text, "and 20 more\033[K\n1/9 images\033[K\nreg\\nistry"));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(t); i++)
		ohc_task_end(t[i], "done");
}

static void status_plain(void **state)
{
	ohc_cleanup(close_screen) struct screen s;

	(void)state;
	open_screen(&s, OHC_PROGRESS_PLAIN, OHC_NOTICE, 0);
	assert_false(ohc_progress_is_live(s.report));
	set_status(&s, 0);
	now += 29999;
	set_status(&s, 1);
	assert_string_equal(written(&s), "");
	now += 1;
	set_status(&s, 2);
	assert_string_equal(written(&s), "2/9 images\nreg\\nistry\n");
	now += 1;
	set_status(&s, 3);
	ohc_progress_set_status(s.report, NULL);
	assert_string_equal(written(&s), "");
}

static void status_json(void **state)
{
	ohc_cleanup(close_screen) struct screen s;

	(void)state;
	open_screen(&s, OHC_PROGRESS_JSON, OHC_NOTICE, 0);
	set_status(&s, 1);
	assert_string_equal(written(&s), "{\"event\":\"status\",\"ended\":1}\n");
	now += 999;
	set_status(&s, 2);
	assert_string_equal(written(&s), "");
	now += 1;
	set_status(&s, 3);
	assert_string_equal(written(&s), "{\"event\":\"status\",\"ended\":3}\n");
	ohc_progress_set_status(s.report, NULL);
	assert_string_equal(written(&s), "");
}

static void status_of_the_silent(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		ohc_cleanup(close_screen) struct screen s;

		open_screen(&s, i ? OHC_PROGRESS_NONE : OHC_PROGRESS_TTY,
			    i ? OHC_NOTICE : OHC_WARNING, 40);
		assert_false(ohc_progress_is_live(s.report));
		set_status(&s, 1);
		ohc_progress_set_status(s.report, NULL);
		assert_string_equal(written(&s), "");
	}
	ohc_progress_set_status(NULL, NULL);
	assert_false(ohc_progress_is_live(NULL));
}

#define TASKS  64
#define PIECES 200

static int one_task(void *report, size_t i, struct ohc_error *err)
{
	struct ohc_task *t = ohc_task_begin(report, "upload", "layer", PIECES * 1000);

	(void)err;
	for (size_t k = 0; k < PIECES; k++) {
		ohc_task_advance(t, 1000);
		if (k == i)
			ohc_report_say(report, OHC_NOTICE, "message");
	}
	ohc_task_end(t, "done");
	return 0;
}

/* Every line whole, and each task begun and ended once. */
static void threads(void **state)
{
	static const enum ohc_progress_mode modes[] = { OHC_PROGRESS_TTY, OHC_PROGRESS_PLAIN,
							OHC_PROGRESS_JSON };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(modes); i++) {
		struct screen s = { 0 };
		size_t messages = 0, ends = 0;

		s.out = open_memstream(&s.text, &s.n);
		s.report = ohc_progress_new(&(struct ohc_progress_options){
			.mode = modes[i], .level = OHC_NOTICE, .out = s.out });
		assert_int_equal(ohc_parallel(TASKS, 8, one_task, s.report, NULL), 0);
		fflush(s.out);
		for (const char *p = s.text; (p = strstr(p, "message")); p++)
			messages += p[7] == '\n' || p[7] == '\033' || strncmp(p + 7, "\"}", 2) == 0;
		for (const char *p = s.text; (p = strstr(p, "done")); p++)
			ends++;
		assert_int_equal(messages, TASKS);
		assert_int_equal(ends, TASKS);
		close_screen(&s);
	}
}

static void bytes(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 45200000, "45.2 MB" },
		{ 1080000000, "1.1 GB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char text[OHC_UNITS_TEXT];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		assert_string_equal(ohc_units_bytes(cases[i].n, text), cases[i].text);
}

static void durations(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "0.0 s" },         { 99, "0.0 s" },
		{ 1250, "1.2 s" },      { 9999, "9.9 s" },
		{ 10000, "10 s" },      { 59999, "59 s" },
		{ 60000, "1:00" },      { 3599000, "59:59" },
		{ 3723000, "1:02:03" }, { 360000000, "100:00:00" },
	};
	char text[OHC_UNITS_TEXT];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		assert_string_equal(ohc_units_duration(cases[i].ms, text), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(outcome_without_bytes),
		cmocka_unit_test(levels),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(printable),
		cmocka_unit_test(fit),
		cmocka_unit_test(tty),
		cmocka_unit_test(narrow),
		cmocka_unit_test(many_tasks),
		cmocka_unit_test(json),
		cmocka_unit_test(threads),
		cmocka_unit_test(bytes),
		cmocka_unit_test(durations),
		cmocka_unit_test(status_tty),
		cmocka_unit_test(status_narrow),
		cmocka_unit_test(status_many_tasks),
		cmocka_unit_test(status_plain),
		cmocka_unit_test(status_json),
		cmocka_unit_test(status_of_the_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
