// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/launchers.h"

#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/path.h"
#include "layout/launcher/line.h"

static void launcher_clear(struct ohc_launcher *l)
{
	free(l->name);
	free(l->program);
	ohc_strv_clear(&l->settings);
	ohc_strv_clear(&l->args);
}

void ohc_launchers_clear(struct ohc_launchers *l)
{
	for (size_t i = 0; i < l->n; i++)
		launcher_clear(&l->v[i]);
	free(l->v);
	ohc_strv_clear(&l->common);
	ohc_strv_clear(&l->known);
	*l = (struct ohc_launchers)OHC_LAUNCHERS_INIT;
}

const struct ohc_launcher *ohc_launchers_find(const struct ohc_launchers *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

static bool is_name(const char *s)
{
	size_t n = strspn(s, OHC_ASCII_ALNUM "._+-");

	return n && !s[n] && n <= OHC_LAUNCHER_NAME_MAX && *s != '.' && *s != '-';
}

static bool is_plain(const char *word)
{
	for (; *word; word++)
		if (((unsigned char)*word < ' ' && *word != '\t') || *word == 0x7f)
			return false;
	return true;
}

static int check_plain(const char *name, const char *word, struct ohc_error *err)
{
	if (is_plain(word))
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "launcher '%s' has a newline or another control character in a word",
			     name);
}

/* Would the launcher accept the line, if the caller gave every argument that it may name? */
static int check_word(const char *name, const char *word, int n_args, struct ohc_error *err)
{
	static const char *const args[9] = { "", "", "", "", "", "", "", "", "" };
	struct ohc_line_values v = { "", args, n_args };
	char out[OHC_LAUNCHERS_MAX];
	int rc = check_plain(name, word, err);

	if (rc < 0)
		return rc;
	switch (ohc_line_expand(word, &v, out, sizeof(out))) {
	case OHC_LINE_BAD:
		return ohc_error_set(err, OHC_E_FORMAT,
				     "launcher '%s' has '%s', whose '$' means nothing: $PREFIX, $1 "
				     "to $9, ${1:+TEXT} and $@ do, and $$ is a dollar",
				     name, word);
	case OHC_LINE_LONG:
		return ohc_error_set(err, OHC_E_FORMAT, "launcher '%s' has a word of %zu bytes",
				     name, strlen(word));
	case OHC_LINE_ABSENT:
		return ohc_error_set(err, OHC_E_FORMAT,
				     "launcher '%s' has a program '%s' that depends on arguments",
				     name, word);
	}
	return 0;
}

static int check_setting(const char *name, const char *word, struct ohc_error *err)
{
	struct ohc_setting s;
	int rc = check_plain(name, word,
			     err); /* the files of a condition, too, which are no value */

	if (rc < 0)
		return rc;
	if (!ohc_line_setting(word, &s))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "launcher '%s' has '%s', which sets no variable", name, word);
	if (s.name_n > 3 && strncmp(s.name, "LD_", 3) == 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"launcher '%s' sets '%.*s': no LD_ variable may reach programs "
			"of the base",
			name, (int)s.name_n, s.name);
	return check_word(name, s.value, 9, err);
}

static int check_program(const char *name, const char *program, struct ohc_error *err)
{
	struct ohc_setting s;

	if (!*program || program[strlen(program) - 1] == '/' || ohc_path_has_up(program) ||
	    ohc_line_setting(program, &s))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"launcher '%s' cannot start '%s': a program is a path below the "
			"prefix, as 'bin/tmux', or an absolute one",
			name, program);
	return check_word(name, program, 0, err);
}

static int check(const struct ohc_launchers *l, const struct ohc_launcher *one,
		 struct ohc_error *err)
{
	bool rest = false;
	int rc;

	if (!is_name(one->name))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' is no launcher's name: letters, digits, '.', '_', '+' and "
			"'-', at most %d",
			one->name, OHC_LAUNCHER_NAME_MAX);
	if (ohc_launchers_find(l, one->name))
		return ohc_error_set(err, OHC_E_FORMAT, "there are two launchers '%s'", one->name);
	if (one->settings.n + one->args.n + 2 > OHC_LAUNCHER_WORDS)
		return ohc_error_set(err, OHC_E_FORMAT, "launcher '%s' has more than %d words",
				     one->name, OHC_LAUNCHER_WORDS - 2);
	rc = check_program(one->name, one->program, err);
	for (size_t i = 0; rc == 0 && i < one->settings.n; i++)
		rc = check_setting(one->name, one->settings.v[i], err);
	for (size_t i = 0; rc == 0 && i < one->args.n; i++) {
		if (!ohc_line_is_rest(one->args.v[i]))
			rc = check_word(one->name, one->args.v[i], 9, err);
		else if (rest)
			rc = ohc_error_set(err, OHC_E_FORMAT, "launcher '%s' has '$@' twice",
					   one->name);
		else
			rest = true;
	}
	return rc;
}

/* Takes ownership of one, also where it fails. */
static int take(struct ohc_launchers *l, struct ohc_launcher *one, struct ohc_error *err)
{
	int rc = check(l, one, err);

	if (rc < 0) {
		launcher_clear(one);
		return rc;
	}
	l->v = ohc_xrealloc(l->v, l->n + 1, sizeof(l->v[0]));
	l->v[l->n++] = *one;
	return 0;
}

static void add_all(struct ohc_strv *to, const struct ohc_strv *from)
{
	for (size_t i = 0; from && i < from->n; i++)
		ohc_strv_add(to, from->v[i]);
}

int ohc_launchers_put(struct ohc_launchers *l, const char *name, const struct ohc_strv *settings,
		      const char *program, const struct ohc_strv *args, struct ohc_error *err)
{
	struct ohc_launcher one = { .name = ohc_xstrdup(name), .program = ohc_xstrdup(program) };

	add_all(&one.settings, settings);
	add_all(&one.args, args);
	return take(l, &one, err);
}

int ohc_launchers_parse(struct ohc_launchers *l, const char *spec, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *line = NULL;
	const char *equals = strchr(spec, '=');
	struct ohc_launcher one = { .name = NULL };
	enum ohc_line rc;
	char *at, *word;
	struct ohc_setting s;

	if (!equals)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is no launcher: it is NAME=PROGRAM [ARGUMENT ...]",
				     spec);
	one.name = ohc_xstrndup(spec, (size_t)(equals - spec));
	at = line = ohc_xstrdup(equals + 1);
	while ((rc = ohc_line_word(&at, &word)) == OHC_LINE_WORD) {
		if (one.program)
			ohc_strv_add(&one.args, word);
		else if (ohc_line_setting(word, &s))
			ohc_strv_add(&one.settings, word);
		else
			one.program = ohc_xstrdup(word);
	}
	if (rc == OHC_LINE_END && one.program)
		return take(l, &one, err);
	launcher_clear(&one);
	if (rc != OHC_LINE_END)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' has a quote without its end", spec);
	return ohc_error_set(err, OHC_E_FORMAT, "launcher '%.*s' has no program",
			     (int)(equals - spec), spec);
}
