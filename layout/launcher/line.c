// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/line.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

enum ohc_line ohc_line_word(char **at, char **ret)
{
	char *from = *at, *to, quote = 0;

	while (is_blank(*from))
		from++;
	if (!*from) {
		*at = from;
		return OHC_LINE_END;
	}
	*ret = to = from;
	for (; *from && (quote || !is_blank(*from)); from++) {
		if (*from == quote) {
			quote = 0;
		} else if (!quote && (*from == '\'' || *from == '"')) {
			quote = *from;
		} else {
			if (*from == '\\' && quote != '\'' && !*++from)
				return OHC_LINE_BAD;
			*to++ = *from;
		}
	}
	*at = *from ? from + 1 : from;
	*to = '\0';
	return quote ? OHC_LINE_BAD : OHC_LINE_WORD;
}

static bool is_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

bool ohc_line_setting(const char *word, struct ohc_setting *ret)
{
	struct ohc_setting s = { .kind = OHC_SET_ALWAYS, .name = word };
	const char *p = word;

	if (word[0] == '.' && word[1] == '=') {
		s.kind = OHC_SET_CWD;
		s.value = word + 2;
		*ret = s;
		return true;
	}
	while (is_name(*p, p == word))
		p++;
	s.name_n = (size_t)(p - word);
	if (!s.name_n)
		return false;
	if (*p == '?' || *p == '^' || *p == '+') {
		s.kind = *p == '?' ? OHC_SET_UNSET : *p == '^' ? OHC_SET_FRONT : OHC_SET_BEHIND;
		p++;
	} else if (*p == '!') {
		s.kind = OHC_SET_LACKING;
		s.files = ++p;
		while (*p && *p != '=')
			p++;
		s.files_n = (size_t)(p - s.files);
	}
	if (*p != '=')
		return false;
	s.value = p + 1;
	*ret = s;
	return true;
}

bool ohc_line_is_rest(const char *word)
{
	return word[0] == '$' && word[1] == '@' && !word[2];
}

static bool starts(const char *s, const char *with, size_t *ret_n)
{
	size_t n = 0;

	for (; with[n]; n++)
		if (s[n] != with[n])
			return false;
	*ret_n = n;
	return true;
}

/* Reads one placeholder, from its '$' on. */
struct dollar {
	size_t n;     /* bytes of it */
	int arg;      /* of $1 ...; 0: another */
	bool instead; /* ${1:+TEXT}, with TEXT at text */
	const char *text;
	size_t text_n;
};

static bool is_digit(char c)
{
	return c >= '1' && c <= '9';
}

static bool parse_braces(const char *s, struct dollar *d)
{
	size_t i = 3;

	if (!is_digit(s[2]))
		return false;
	d->arg = s[2] - '0';
	if (s[3] == ':' && s[4] == '+') {
		d->instead = true;
		d->text = s + 5;
		for (i = 5; s[i] && s[i] != '}'; i++)
			if (s[i] == '$')
				return false;
		d->text_n = i - 5;
	}
	d->n = i + 1;
	return s[i] == '}';
}

static bool parse_dollar(const char *s, const char *prefix, struct dollar *ret)
{
	struct dollar d = { .n = 2 };
	size_t n;

	if (s[1] == '$') {
		d.text = s;
		d.text_n = 1;
	} else if (is_digit(s[1])) {
		d.arg = s[1] - '0';
	} else if (s[1] == '{' && !starts(s, "${PREFIX}", &n)) {
		if (!parse_braces(s, &d))
			return false;
	} else if (starts(s, "$PREFIX", &n) || starts(s, "${PREFIX}", &n)) {
		d.n = n;
		d.text = prefix;
		while (d.text[d.text_n])
			d.text_n++;
	} else {
		return false;
	}
	*ret = d;
	return true;
}

int ohc_line_highest(const char *word)
{
	struct dollar d;
	int highest = 0;

	while (*word) {
		if (*word != '$') {
			word++;
			continue;
		}
		if (!parse_dollar(word, "", &d))
			return highest;
		highest = d.arg > highest ? d.arg : highest;
		word += d.n;
	}
	return highest;
}

static bool put(char *out, size_t size, size_t *n, const char *text, size_t text_n)
{
	if (text_n >= size - *n)
		return false;
	for (size_t i = 0; i < text_n; i++)
		out[*n + i] = text[i];
	*n += text_n;
	return true;
}

long ohc_line_expand(const char *word, const struct ohc_line_values *v, char *out, size_t size)
{
	size_t n = 0;

	while (*word) {
		struct dollar d = { .n = 1, .text = word, .text_n = 1 };

		if (*word == '$' && !parse_dollar(word, v->prefix, &d))
			return OHC_LINE_BAD;
		if (d.arg > v->n_args)
			return OHC_LINE_ABSENT;
		if (d.arg && !d.instead) {
			d.text = v->args[d.arg - 1];
			while (d.text[d.text_n])
				d.text_n++;
		}
		if (!put(out, size, &n, d.text, d.text_n))
			return OHC_LINE_LONG;
		word += d.n;
	}
	if (!put(out, size, &n, "", 0))
		return OHC_LINE_LONG;
	out[n] = '\0';
	return (long)n;
}
