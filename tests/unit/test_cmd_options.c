// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/options.h"
#include "core/alloc.h"
#include "core/suggest.h"

enum format { FORMAT_AUTO, FORMAT_OCI, FORMAT_DOCKER };

struct all {
	bool dry_run, help;
	unsigned int verbose, level;
	const char *user, *tag, *joined;
	struct ohc_strv env;
	enum format format;
	const char *mtime;
	size_t length;
};

static int set_length(void *member, const char *value, struct ohc_error *err)
{
	if (!*value)
		return ohc_error_set(err, OHC_E_USAGE, "is empty");
	*(size_t *)member = strlen(value);
	return 0;
}

static int check_env(const char *value, struct ohc_error *err)
{
	return strchr(value, '=') ? 0 : ohc_error_set(err, OHC_E_USAGE, "has no '='");
}

static const struct ohc_word formats[] = {
	{ "auto", FORMAT_AUTO }, { "oci", FORMAT_OCI }, { "docker", FORMAT_DOCKER }, { 0 }
};

static const struct ohc_word mtimes[] = { { "keep", 0 }, { "epoch", 0 }, { 0 } };

static const struct ohc_option table[] = {
	{ "dry-run", 0, NULL, "…", OHC_FLAG(struct all, dry_run) },
	{ "verbose", 'v', NULL, "…", OHC_COUNT(struct all, verbose) },
	{ "user", 'u', "USER", "…", OHC_STRING(struct all, user) },
	{ "tag", 0, "TAG", "…", OHC_STRING(struct all, tag) },
	{ "env", 'e', "K=V", "…", OHC_STRINGS(struct all, env), .check = check_env },
	{ "compression-level", 0, "N", "…", OHC_UNSIGNED(struct all, level, 1, 22) },
	{ "format", 0, "WORD", "…", OHC_WORD(struct all, format, formats) },
	{ "mtime", 0, "WORD", "…", OHC_CHOICE(struct all, mtime, mtimes) },
	{ "length", 0, "X", "…", OHC_SET(struct all, length, set_length) },
	{ "joined", 0, "X", "…", OHC_STRING(struct all, joined), .implied = "implied" },
	{ 0 },
};

static const struct ohc_option last[] = {
	{ "help", 'h', NULL, "…", OHC_FLAG(struct all, help), .ends = true },
	{ 0 },
};

#define MAX_ARGS 32

struct run {
	struct all all;
	struct ohc_option_set sets[3];
	char *argv[MAX_ARGS];
	int names, rc;
	struct ohc_error err;
};

/* Parses the words of a line. */
static void parse(struct run *r, char *line)
{
	char *rest = NULL;
	int argc = 0;

	memset(r, 0, sizeof(*r));
	r->names = -1;
	r->sets[0] = (struct ohc_option_set){ last, &r->all };
	r->sets[1] = (struct ohc_option_set){ table, &r->all };
	for (char *s = strtok_r(line, " ", &rest); s; s = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < MAX_ARGS);
		r->argv[argc++] = strcmp(s, "''") == 0 ? s + 2 : s;
	}
	r->rc = ohc_options_parse(r->sets, argc, r->argv, &r->names, &r->err);
}

static void clear(struct run *r)
{
	ohc_options_clear(r->sets);
}

static void values(void **state)
{
	char line[] = "base --dry-run --user=a=b -v dest --tag t --tag=last -e A=1 --env B=2 -eC=3 "
		      "--compression-level 22 --format docker --mtime=epoch";
	ohc_cleanup(clear) struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.names, 2);
	assert_string_equal(r.argv[0], "base");
	assert_string_equal(r.argv[1], "dest");
	assert_true(r.all.dry_run);
	assert_int_equal(r.all.verbose, 1);
	assert_string_equal(r.all.user, "a=b");
	assert_string_equal(r.all.tag, "last");
	assert_int_equal(r.all.env.n, 3);
	assert_string_equal(r.all.env.v[0], "A=1");
	assert_string_equal(r.all.env.v[1], "B=2");
	assert_string_equal(r.all.env.v[2], "C=3");
	assert_int_equal(r.all.level, 22);
	assert_int_equal(r.all.format, FORMAT_DOCKER);
	assert_string_equal(r.all.mtime, "epoch");
}

static void letters(void **state)
{
	char line[] = "-vvv -vuroot -u other - -vu-v";
	ohc_cleanup(clear) struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.all.verbose, 5);
	assert_string_equal(r.all.user, "-v");
	assert_int_equal(r.names, 1);
	assert_string_equal(r.argv[0], "-");
}

/* A value that may be left out can only be joined: what follows is a name. */
static void implied(void **state)
{
	char alone[] = "--joined name", joined[] = "--joined=x name", empty[] = "--joined= name";
	ohc_cleanup(clear) struct run r, r2, r3;

	(void)state;
	parse(&r, alone);
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.all.joined, "implied");
	assert_int_equal(r.names, 1);
	parse(&r2, joined);
	assert_string_equal(r2.all.joined, "x");
	assert_int_equal(r2.names, 1);
	parse(&r3, empty);
	assert_string_equal(r3.all.joined, "");
}

static void two_dashes(void **state)
{
	char line[] = "a --tag -- -- -v --dry-run --";
	ohc_cleanup(clear) struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.all.tag, "--");
	assert_int_equal(r.all.verbose, 0);
	assert_false(r.all.dry_run);
	assert_int_equal(r.names, 4);
	assert_string_equal(r.argv[1], "-v");
	assert_string_equal(r.argv[3], "--");
}

static void empty_values(void **state)
{
	char line[] = "--user= --tag '' ''";
	ohc_cleanup(clear) struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.all.user, "");
	assert_string_equal(r.all.tag, "");
	assert_int_equal(r.names, 1);
	assert_string_equal(r.argv[0], "");
}

static void custom(void **state)
{
	char line[] = "--length=four";
	ohc_cleanup(clear) struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.all.length, 4);
}

static void help_ends(void **state)
{
	char line[] = "-v --help --nonsense -v", letter[] = "-vhX", late[] = "--nonsense --help";
	struct run r;

	(void)state;
	parse(&r, line);
	assert_int_equal(r.rc, 0);
	assert_true(r.all.help);
	assert_int_equal(r.all.verbose, 1);
	parse(&r, letter);
	assert_int_equal(r.rc, 0);
	assert_true(r.all.help);
	parse(&r, late);
	assert_int_equal(r.rc, -OHC_E_USAGE);
}

static void faults(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "--dry-run=yes", "'--dry-run' takes no value" },
		{ "--dry-run=", "'--dry-run' takes no value" },
		{ "--user", "'--user' needs a value: --user USER" },
		{ "-vu", "'-u' needs a value: -u USER" },
		{ "--dry", "unknown option '--dry', did you mean '--dry-run'?" },
		{ "--dyr-run", "unknown option '--dyr-run', did you mean '--dry-run'?" },
		{ "--usr=secret", "unknown option '--usr', did you mean '--user'?" },
		{ "--zzzzzz=secret", "unknown option '--zzzzzz'" },
		{ "--=x", "unknown option '--'" },
		{ "-x", "unknown option '-x'" },
		{ "-vx", "unknown option '-x' in '-vx'" },
		{ "--env A", "'--env': has no '='" },
		{ "-eA", "'-e': has no '='" },
		{ "--length=", "'--length': is empty" },
		{ "--compression-level 0", "'--compression-level' takes a number from 1 to 22, "
					   "not '0'" },
		{ "--compression-level 23", "'--compression-level' takes a number from 1 to 22, "
					    "not '23'" },
		{ "--compression-level=-1", "'--compression-level' takes a number from 1 to 22, "
					    "not '-1'" },
		{ "--compression-level=+1", "'--compression-level' takes a number from 1 to 22, "
					    "not '+1'" },
		{ "--compression-level=1x", "'--compression-level' takes a number from 1 to 22, "
					    "not '1x'" },
		{ "--compression-level=", "'--compression-level' takes a number from 1 to 22, "
					  "not ''" },
		{ "--compression-level=4294967297",
		  "'--compression-level' takes a number from 1 to 22, not '4294967297'" },
		{ "--compression-level=18446744073709551617",
		  "'--compression-level' takes a number from 1 to 22, not "
		  "'18446744073709551617'" },
		{ "--format=OCI", "'--format' takes auto, oci or docker, not 'OCI'" },
		{ "--mtime never", "'--mtime' takes keep or epoch, not 'never'" },
		{ "--format=", "'--format' takes auto, oci or docker, not ''" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *line = ohc_xstrdup(cases[i].line);
		ohc_cleanup(clear) struct run r;

		parse(&r, line);
		assert_int_equal(r.rc, -OHC_E_USAGE);
		assert_int_equal(r.names, -1);
		assert_string_equal(r.err.msg, cases[i].message);
	}
}

static const char *suggest(const char *word)
{
	static const char *const known[] = { "tag", "env", "retry", "payload", "completion" };
	struct ohc_suggestion s = { .word = word };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(known); i++)
		ohc_suggest(&s, known[i]);
	return s.best;
}

static void suggestions(void **state)
{
	static const struct {
		const char *word, *best;
	} cases[] = {
		{ "tga", "tag" },
		{ "payloda", "payload" },
		{ "pyload", "payload" },
		{ "comp", "completion" },
		{ "complettion", "completion" },
		{ "retri", "retry" },
		{ "retries", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "ab", NULL },
		{ "quite-another", NULL },
		{ "a-word-that-is-longer-than-any-option-or-command-there-is", NULL },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		const char *best = suggest(cases[i].word);

		if (cases[i].best)
			assert_string_equal(best, cases[i].best);
		else
			assert_null(best);
	}
}

static void find(void **state)
{
	(void)state;
	assert_ptr_equal(ohc_option_find(table, "user"), &table[2]);
	assert_null(ohc_option_find(table, "use"));
	assert_null(ohc_option_find(NULL, "use"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),     cmocka_unit_test(letters),
		cmocka_unit_test(two_dashes), cmocka_unit_test(empty_values),
		cmocka_unit_test(custom),     cmocka_unit_test(help_ends),
		cmocka_unit_test(faults),     cmocka_unit_test(suggestions),
		cmocka_unit_test(find),       cmocka_unit_test(implied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
