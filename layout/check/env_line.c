// SPDX-License-Identifier: Apache-2.0
/* Reads the argument of env(1) as coreutils' src/env.c does. */
#include "layout/check/env_line.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/strv.h"

/* The PATH of execvp() where none is set (confstr(3), _CS_PATH). */
#define BARE_PATH "/bin:/usr/bin"

#define BLANKS " \t\n\v\f\r"

struct env_reader {
	struct ohc_strv words;
	size_t at;
	bool splits;  /* -S is known */
	bool moved;   /* to another working directory */
	bool unknown; /* something that only shows when it runs */
	bool refused; /* env ends with a message */
	bool no_path; /* PATH is removed */
	char *path;
};

/* In double quotes and outside, what a letter behind a backslash means; 0: it is refused. */
static char escaped(char c)
{
	static const char from[] = "fnrtv#$\"'\\", to[] = "\f\n\r\t\v#$\"'\\";
	const char *found = c ? strchr(from, c) : NULL;

	return found ? to[found - from] : 0;
}

/* Adds the words of -S's text.  "\_" separates words outside of double quotes, "\c" and "#" at a
 * word's beginning end the text, ${NAME} depends on the environment. */
static void split(struct env_reader *r, const char *s, struct ohc_strv *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf word = OHC_BUF_INIT;
	bool inside = false;
	char quote = 0;

	for (; *s && !r->refused; s++) {
		bool blank = strchr(BLANKS, *s) || (s[0] == '\\' && s[1] == '_');

		if (!quote && blank) {
			s += *s == '\\';
			if (inside)
				ohc_strv_take(ret, ohc_buf_detach(&word));
			inside = false;
			continue;
		}
		if (!inside && !quote && *s == '#')
			break;
		if (!inside)
			ohc_buf_adds(&word, "");
		inside = true;
		if ((*s == '"' || *s == '\'') && (!quote || quote == *s)) {
			quote = quote ? 0 : *s;
		} else if (*s == '\\' && quote != '\'') {
			if (*++s == 'c' && !quote)
				break;
			if (*s == '_' || escaped(*s))
				ohc_buf_addc(&word, *s == '_' ? ' ' : escaped(*s));
			else
				r->refused = true;
		} else {
			r->unknown |= *s == '$' && quote != '\'';
			ohc_buf_addc(&word, *s);
		}
		if (!*s)
			break;
	}
	if (inside)
		ohc_strv_take(ret, ohc_buf_detach(&word));
	r->refused |= quote != 0;
}

/* Puts the words of -S's text in the place of all up to and with the word that is read. */
static void take_split(struct env_reader *r, const char *text)
{
	struct ohc_strv words = OHC_STRV_INIT;

	if (!r->splits) {
		r->refused = true;
		return;
	}
	split(r, text, &words);
	for (r->at++; r->at < r->words.n; r->at++)
		ohc_strv_add(&words, r->words.v[r->at]);
	ohc_strv_clear(&r->words);
	r->words = words;
	r->at = 0;
}

static void unset(struct env_reader *r, const char *name)
{
	if (strcmp(name, "PATH") != 0)
		return;
	r->no_path = true;
	free(r->path);
	r->path = NULL;
}

/* An option that takes a value.  r->at is behind it afterwards. */
static void take_value(struct env_reader *r, char option, const char *value)
{
	if (!value)
		value = r->at + 1 < r->words.n ? r->words.v[++r->at] : NULL;
	if (!value) {
		r->refused = true;
		return;
	}
	if (option == 'S') {
		take_split(r, value);
		return;
	}
	r->at++;
	r->moved |= option == 'C';
	if (option == 'u')
		unset(r, value);
}

static void read_short(struct env_reader *r, const char *letters)
{
	for (; *letters; letters++) {
		if (strchr("SuCa", *letters)) {
			take_value(r, *letters, letters[1] ? letters + 1 : NULL);
			return;
		}
		if (!strchr("i0v", *letters)) {
			r->refused = true;
			return;
		}
		if (*letters == 'i')
			unset(r, "PATH");
	}
	r->at++;
}

static void read_long(struct env_reader *r, const char *word)
{
	static const struct {
		const char *name;
		char letter;
	} options[] = { { "split-string", 'S' },
			{ "unset", 'u' },
			{ "chdir", 'C' },
			{ "argv0", 'a' },
			{ "ignore-environment", 0 } };
	size_t n = strcspn(word, "=");

	for (size_t i = 0; n && i < OHC_ARRAY_SIZE(options); i++) {
		if (strncmp(options[i].name, word, n) != 0)
			continue;
		if (options[i].letter) {
			take_value(r, options[i].letter, word[n] ? word + n + 1 : NULL);
			return;
		}
		unset(r, "PATH");
	}
	r->at++;
}

static void read_options(struct env_reader *r)
{
	while (r->at < r->words.n && !r->refused) {
		const char *word = r->words.v[r->at];

		if (word[0] != '-' || !word[1])
			break;
		if (strcmp(word, "--") == 0) {
			r->at++;
			break;
		}
		if (word[1] == '-')
			read_long(r, word + 2);
		else
			read_short(r, word + 1);
	}
}

static void read_settings(struct env_reader *r)
{
	if (r->at < r->words.n && strcmp(r->words.v[r->at], "-") == 0) {
		unset(r, "PATH");
		r->at++;
	}
	for (; r->at < r->words.n && strchr(r->words.v[r->at], '='); r->at++) {
		const char *word = r->words.v[r->at];

		if (strncmp(word, "PATH=", 5) != 0)
			continue;
		free(r->path);
		r->path = ohc_xstrdup(word + 5);
	}
}

void ohc_env_line_read(const char *arg, bool splits, struct ohc_env_line *ret)
{
	struct env_reader r = { .splits = splits };
	const char *name;

	*ret = (struct ohc_env_line){ .name = NULL };
	if (*arg)
		ohc_strv_add(&r.words, arg);
	read_options(&r);
	read_settings(&r);
	name = !r.refused && r.at < r.words.n ? r.words.v[r.at] : NULL;
	ret->whole = r.refused || (name && strcmp(name, arg) == 0 && strpbrk(arg, " \t"));
	if (r.refused)
		ret->name = ohc_xstrdup(arg);
	else if (name && !r.unknown && (!r.moved || *name == '/' || !strchr(name, '/')))
		ret->name = ohc_xstrdup(name);
	if (!r.refused && (r.path || r.no_path))
		ret->path = ohc_xstrdup(r.path ? r.path : BARE_PATH);
	free(r.path);
	ohc_strv_clear(&r.words);
}

void ohc_env_line_clear(struct ohc_env_line *line)
{
	free(line->name);
	free(line->path);
}
