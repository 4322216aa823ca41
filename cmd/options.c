// SPDX-License-Identifier: Apache-2.0
#include "cmd/options.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/suggest.h"

/* The longest option as it is shown in a message. */
#define SHOWN_MAX 64

struct match {
	const struct ohc_option *option;
	void *to;
	char shown[SHOWN_MAX]; /* "--tag" or "-u", as it was typed */
};

struct parser {
	const struct ohc_option_set *sets;
	char **argv;
	int argc;
	int at; /* the argument that is looked at next */
	bool ended;
};

static int set_flag(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	(void)m, (void)value, (void)err;
	*(bool *)member = true;
	return 0;
}

static int set_count(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	(void)m, (void)value, (void)err;
	++*(unsigned int *)member;
	return 0;
}

static int set_string(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	(void)m, (void)err;
	*(const char **)member = value;
	return 0;
}

static int add_string(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	(void)m, (void)err;
	ohc_strv_add(member, value);
	return 0;
}

static int set_unsigned(const struct match *m, void *member, const char *value,
			struct ohc_error *err)
{
	const struct ohc_option *o = m->option;
	size_t digits = strspn(value, "0123456789");
	unsigned long n = strtoul(value, NULL, 10);

	/* Ten digits hold every unsigned int, and no unsigned long overflows with them. */
	if (digits == 0 || digits > 10 || value[digits] || n < o->min || n > o->max)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'%s' takes a number from %u to %u, not '%s'", m->shown,
				     o->min, o->max, value);
	*(unsigned int *)member = (unsigned int)n;
	return 0;
}

static int not_a_word(const struct match *m, const char *value, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;

	for (const struct ohc_word *w = m->option->words; w->word; w++) {
		if (list.len)
			ohc_buf_adds(&list, w[1].word ? ", " : " or ");
		ohc_buf_adds(&list, w->word);
	}
	return ohc_error_set(err, OHC_E_USAGE, "'%s' takes %s, not '%s'", m->shown,
			     ohc_buf_str(&list), value);
}

static const struct ohc_word *find_word(const struct match *m, const char *value)
{
	for (const struct ohc_word *w = m->option->words; w->word; w++)
		if (strcmp(w->word, value) == 0)
			return w;
	return NULL;
}

static int set_word(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	const struct ohc_word *w = find_word(m, value);

	if (!w)
		return not_a_word(m, value, err);
	*(unsigned int *)member = w->value;
	return 0;
}

static int set_choice(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	const struct ohc_word *w = find_word(m, value);

	if (!w)
		return not_a_word(m, value, err);
	*(const char **)member = w->word;
	return 0;
}

static int set_custom(const struct match *m, void *member, const char *value, struct ohc_error *err)
{
	int rc = m->option->set(member, value, err);

	return rc < 0 ? ohc_error_wrap(err, rc, "'%s'", m->shown) : 0;
}

static int apply(const struct match *m, const char *value, struct ohc_error *err)
{
	static int (*const setters[])(const struct match *, void *, const char *,
				      struct ohc_error *) = {
		[OHC_OPTION_FLAG] = set_flag,         [OHC_OPTION_COUNT] = set_count,
		[OHC_OPTION_STRING] = set_string,     [OHC_OPTION_STRINGS] = add_string,
		[OHC_OPTION_UNSIGNED] = set_unsigned, [OHC_OPTION_WORD] = set_word,
		[OHC_OPTION_CHOICE] = set_choice,     [OHC_OPTION_SET] = set_custom,
	};
	const struct ohc_option *o = m->option;
	int rc = o->check ? o->check(value, err) : 0;

	if (rc < 0)
		return ohc_error_wrap(err, rc, "'%s'", m->shown);
	return setters[o->type](m, (char *)m->to + o->offset, value, err);
}

static bool find(const struct parser *p, const char *name, size_t len, char letter,
		 struct match *ret)
{
	for (const struct ohc_option_set *s = p->sets; s->table; s++)
		for (const struct ohc_option *o = s->table; o->name; o++) {
			if (letter ? o->letter != letter
				   : strncmp(o->name, name, len) != 0 || o->name[len])
				continue;
			ret->option = o;
			ret->to = s->to;
			return true;
		}
	return false;
}

static int unknown_long(const struct parser *p, const char *name, size_t len, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *word = ohc_xstrndup(name, len);
	struct ohc_suggestion s = { .word = word };

	for (const struct ohc_option_set *set = p->sets; set->table; set++)
		for (const struct ohc_option *o = set->table; o->name; o++)
			ohc_suggest(&s, o->name);
	if (s.best)
		return ohc_error_set(err, OHC_E_USAGE,
				     "unknown option '--%s', did you mean '--%s'?", word, s.best);
	return ohc_error_set(err, OHC_E_USAGE, "unknown option '--%s'", word);
}

static int unknown_letter(const char *arg, char letter, struct ohc_error *err)
{
	if (!arg[2])
		return ohc_error_set(err, OHC_E_USAGE, "unknown option '%s'", arg);
	return ohc_error_set(err, OHC_E_USAGE, "unknown option '-%c' in '%s'", letter, arg);
}

/* The value that stands in the next argument. */
static int next_value(struct parser *p, const struct match *m, const char **ret,
		      struct ohc_error *err)
{
	if (p->at >= p->argc)
		return ohc_error_set(err, OHC_E_USAGE, "'%s' needs a value: %s %s", m->shown,
				     m->shown, m->option->arg);
	*ret = p->argv[p->at++];
	return 0;
}

static int parse_long(struct parser *p, const char *arg, struct ohc_error *err)
{
	const char *name = arg + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	struct match m;
	int rc = 0;

	if (!find(p, name, len, 0, &m))
		return unknown_long(p, name, len, err);
	snprintf(m.shown, sizeof(m.shown), "--%s", m.option->name);
	if (value)
		value++;
	if (value && !m.option->arg)
		return ohc_error_set(err, OHC_E_USAGE, "'%s' takes no value", m.shown);
	if (!value)
		value = m.option->implied;
	if (!value && m.option->arg)
		rc = next_value(p, &m, &value, err);
	if (rc == 0)
		rc = apply(&m, value, err);
	p->ended = m.option->ends;
	return rc;
}

/* One argument of letters; the first that takes a value takes what is left of it. */
static int parse_letters(struct parser *p, const char *arg, struct ohc_error *err)
{
	const char *value;
	struct match m;
	int rc = 0;

	for (const char *s = arg + 1; *s && rc == 0 && !p->ended; s++) {
		if (!find(p, NULL, 0, *s, &m))
			return unknown_letter(arg, *s, err);
		snprintf(m.shown, sizeof(m.shown), "-%c", *s);
		p->ended = m.option->ends;
		if (!m.option->arg) {
			rc = apply(&m, NULL, err);
			continue;
		}
		value = s + 1;
		if (!*value)
			rc = next_value(p, &m, &value, err);
		return rc < 0 ? rc : apply(&m, value, err);
	}
	return rc;
}

int ohc_options_parse(const struct ohc_option_set *sets, int argc, char **argv, int *ret_names,
		      struct ohc_error *err)
{
	struct parser p = { .sets = sets, .argv = argv, .argc = argc };
	bool only_names = false;
	int names = 0, rc = 0;
	char *arg;

	/* Names move forward over options that were read, so nothing unread is overwritten. */
	while (p.at < argc && rc == 0 && !p.ended) {
		arg = argv[p.at++];
		if (only_names || arg[0] != '-' || !arg[1])
			argv[names++] = arg;
		else if (strcmp(arg, "--") == 0)
			only_names = true;
		else
			rc = arg[1] == '-' ? parse_long(&p, arg, err) : parse_letters(&p, arg, err);
	}
	if (rc == 0)
		*ret_names = names;
	return rc;
}

void ohc_options_clear(const struct ohc_option_set *sets)
{
	for (const struct ohc_option_set *s = sets; s->table; s++)
		for (const struct ohc_option *o = s->table; o->name; o++)
			if (o->type == OHC_OPTION_STRINGS)
				ohc_strv_clear((struct ohc_strv *)((char *)s->to + o->offset));
}

const struct ohc_option *ohc_option_find(const struct ohc_option *table, const char *name)
{
	for (const struct ohc_option *o = table; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}
