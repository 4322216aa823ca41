// SPDX-License-Identifier: Apache-2.0
/*
 * Environment markers (PEP 508):
 *
 *	or:      and ("or" and)*
 *	and:     atom ("and" atom)*
 *	atom:    "(" or ")" | value operator value
 *	value:   variable | 'text' | "text"
 *
 * They are evaluated while they are read, with three answers: yes, no, and unknown where the answer
 * depends on something that is not known.
 */
#include "layout/python/requirement.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define DEPTH_MAX 64

struct marker {
	const char *s;
	const struct ohc_python_env *env;
	const char *extra;
	unsigned int depth;
	bool bad;
};

struct value {
	char *text;
	bool known;
	bool is_extra, is_version; /* the variable `extra`; a variable that is a version */
	bool is_full;              /* python_full_version */
};

static enum ohc_python_answer parse_or(struct marker *m);

static enum ohc_python_answer spoil(struct marker *m)
{
	m->bad = true;
	return OHC_PYTHON_UNKNOWN;
}

static void skip_space(struct marker *m)
{
	m->s += strspn(m->s, " \t");
}

/* Reads a word of the grammar, but not as the beginning of a longer one. */
static bool accept_word(struct marker *m, const char *word)
{
	size_t n = strlen(word);

	skip_space(m);
	if (strncmp(m->s, word, n) != 0 || isalnum((unsigned char)m->s[n]) || m->s[n] == '_')
		return false;
	m->s += n;
	return true;
}

static void set_variable(struct marker *m, const char *name, struct value *v)
{
	const struct ohc_python_env *e = m->env;
	const struct {
		const char *name, *text;
	} variables[] = {
		{ "os_name", "posix" },
		{ "os.name", "posix" },
		{ "sys_platform", "linux" },
		{ "sys.platform", "linux" },
		{ "platform_system", "Linux" },
		{ "platform_machine", e->machine },
		{ "platform.machine", e->machine },
		{ "platform_python_implementation", "CPython" },
		{ "platform.python_implementation", "CPython" },
		{ "python_implementation", "CPython" },
		{ "implementation_name", "cpython" },
		{ "implementation_version", e->full },
		{ "python_version", e->python },
		{ "python_full_version", e->full },
		{ "platform_release", "" },
		{ "platform_version", "" },
		{ "platform.version", "" },
		{ "extra", m->extra },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(variables); i++) {
		if (strcmp(name, variables[i].name) != 0)
			continue;
		v->text = ohc_xstrdup(variables[i].text);
		v->is_extra = strcmp(name, "extra") == 0;
		v->known = v->is_extra || *v->text;
		v->is_version = strstr(name, "version") && strncmp(name, "platform", 8) != 0;
		v->is_full = strcmp(name, "python_full_version") == 0;
		return;
	}
	spoil(m);
}

static void parse_value(struct marker *m, struct value *v)
{
	const char *end;
	size_t n;

	skip_space(m);
	if (*m->s == '\'' || *m->s == '"') {
		end = strchr(m->s + 1, *m->s);
		if (!end) {
			spoil(m);
			return;
		}
		v->text = ohc_xstrndup(m->s + 1, (size_t)(end - m->s - 1));
		v->known = true;
		m->s = end + 1;
		return;
	}
	for (n = 0; isalnum((unsigned char)m->s[n]) || (m->s[n] && strchr("._", m->s[n])); n++)
		;
	ohc_cleanup(ohc_freep) char *name = ohc_xstrndup(m->s, n);

	m->s += n;
	set_variable(m, name, v);
}

static const char *parse_operator(struct marker *m)
{
	static const char *const operators[] = { "===", "==", "~=", "!=", "<=", ">=", "<", ">" };

	skip_space(m);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(operators); i++) {
		size_t n = strlen(operators[i]);

		if (strncmp(m->s, operators[i], n) == 0) {
			m->s += n;
			return operators[i];
		}
	}
	if (accept_word(m, "in"))
		return "in";
	if (accept_word(m, "not") && accept_word(m, "in"))
		return "not in";
	spoil(m);
	return "";
}

static enum ohc_python_answer yes_if(bool yes)
{
	return yes ? OHC_PYTHON_YES : OHC_PYTHON_NO;
}

static enum ohc_python_answer compare_text(const char *a, const char *op, const char *b)
{
	int c = strcmp(a, b);

	if (strcmp(op, "in") == 0)
		return yes_if(strstr(b, a) != NULL);
	if (strcmp(op, "not in") == 0)
		return yes_if(strstr(b, a) == NULL);
	if (strcmp(op, "==") == 0 || strcmp(op, "===") == 0)
		return yes_if(c == 0);
	if (strcmp(op, "!=") == 0)
		return yes_if(c != 0);
	/* Text has no order: ">=" and "<=" are true for equal texts only. */
	if (*op == '<' || *op == '>')
		return yes_if(c == 0 && op[1]);
	return OHC_PYTHON_UNKNOWN;
}

/* Compares by the rules of versions where both sides are versions, else as text. */
static enum ohc_python_answer compare_known(const char *a, const char *op, const char *b,
					    bool versions)
{
	ohc_cleanup(ohc_freep) char *specifier = ohc_xasprintf("%s%s", op, b);
	enum ohc_python_answer answer = OHC_PYTHON_UNKNOWN;

	if (versions && *op != 'i' && *op != 'n')
		answer = ohc_python_specifiers(specifier, strlen(specifier), a);
	return answer == OHC_PYTHON_UNKNOWN ? compare_text(a, op, b) : answer;
}

/* The same of "in", which compares texts: a text that "3.12." contains is in all of them, and a
 * text that does not contain "3.12." contains none of them. */
static enum ohc_python_answer contain_any_patch(const char *minor, const struct value *a,
						const char *op, const struct value *b)
{
	ohc_cleanup(ohc_freep) char *stem = ohc_xasprintf("%s.", minor);
	bool in = *op == 'i';

	if (b->is_full && !a->is_full && strstr(stem, a->text))
		return yes_if(in);
	if (a->is_full && !b->is_full && !strstr(b->text, stem))
		return yes_if(!in);
	return OHC_PYTHON_UNKNOWN;
}

/* The patch level of an interpreter is seldom known and seldom matters: the answer counts where it
 * is the same for the lowest level, the highest, and the one on the other side. */
static enum ohc_python_answer compare_any_patch(const struct ohc_python_env *env,
						const struct value *a, const char *op,
						const struct value *b)
{
	const char *other = a->is_full ? b->text : a->text;
	char probes[3][32];
	enum ohc_python_answer answer = OHC_PYTHON_UNKNOWN;

	if (!*env->python || (!a->is_full && !b->is_full))
		return OHC_PYTHON_UNKNOWN;
	if (*op == 'i' || *op == 'n')
		return contain_any_patch(env->python, a, op, b);
	snprintf(probes[0], sizeof(probes[0]), "%s.0", env->python);
	snprintf(probes[1], sizeof(probes[1]), "%s.999", env->python);
	snprintf(probes[2], sizeof(probes[2]), "%s", probes[0]);
	if (strncmp(other, probes[0], strlen(env->python) + 1) == 0 && strlen(other) < 32)
		snprintf(probes[2], sizeof(probes[2]), "%s", other);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(probes); i++) {
		enum ohc_python_answer one = compare_known(a->is_full ? probes[i] : a->text, op,
							   b->is_full ? probes[i] : b->text, true);

		if (i && one != answer)
			return OHC_PYTHON_UNKNOWN;
		answer = one;
	}
	return answer;
}

static enum ohc_python_answer compare(struct marker *m, struct value *a, const char *op,
				      struct value *b)
{
	if (m->bad)
		return OHC_PYTHON_UNKNOWN;
	if (a->is_extra || b->is_extra) {
		ohc_cleanup(ohc_freep) char *x = ohc_python_normalize(a->text, strlen(a->text));
		ohc_cleanup(ohc_freep) char *y = ohc_python_normalize(b->text, strlen(b->text));

		return compare_text(x, op, y);
	}
	if (!a->known || !b->known)
		return compare_any_patch(m->env, a, op, b);
	/* The right side is the specifier, even when it is the variable. */
	return compare_known(a->text, op, b->text, a->is_version || b->is_version);
}

static enum ohc_python_answer parse_atom(struct marker *m)
{
	struct value a = { .text = NULL }, b = { .text = NULL };
	enum ohc_python_answer answer;
	const char *op;

	skip_space(m);
	if (*m->s == '(') {
		m->s++;
		if (m->depth++ == DEPTH_MAX)
			return spoil(m);
		answer = parse_or(m);
		m->depth--;
		skip_space(m);
		if (*m->s != ')')
			return spoil(m);
		m->s++;
		return answer;
	}
	parse_value(m, &a);
	op = m->bad ? "" : parse_operator(m);
	if (!m->bad)
		parse_value(m, &b);
	answer = compare(m, &a, op, &b);
	free(a.text);
	free(b.text);
	return answer;
}

static enum ohc_python_answer parse_and(struct marker *m)
{
	enum ohc_python_answer all = parse_atom(m);

	while (!m->bad && accept_word(m, "and")) {
		enum ohc_python_answer next = parse_atom(m);

		if (all == OHC_PYTHON_NO || next == OHC_PYTHON_NO)
			all = OHC_PYTHON_NO;
		else if (next == OHC_PYTHON_UNKNOWN)
			all = OHC_PYTHON_UNKNOWN;
	}
	return all;
}

static enum ohc_python_answer parse_or(struct marker *m)
{
	enum ohc_python_answer any = parse_and(m);

	while (!m->bad && accept_word(m, "or")) {
		enum ohc_python_answer next = parse_and(m);

		if (any == OHC_PYTHON_YES || next == OHC_PYTHON_YES)
			any = OHC_PYTHON_YES;
		else if (next == OHC_PYTHON_UNKNOWN)
			any = OHC_PYTHON_UNKNOWN;
	}
	return any;
}

bool ohc_python_marker(const char *marker, const struct ohc_python_env *env, const char *extra,
		       enum ohc_python_answer *ret)
{
	struct marker m = { .s = marker, .env = env, .extra = extra };
	enum ohc_python_answer answer = OHC_PYTHON_YES;

	skip_space(&m);
	if (*m.s)
		answer = parse_or(&m);
	skip_space(&m);
	if (m.bad || *m.s)
		return false;
	*ret = answer;
	return true;
}
