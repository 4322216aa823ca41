// SPDX-License-Identifier: Apache-2.0
/* Version specifiers (PEP 440, "Version specifiers"): each operator is a row of the table. */
#include "layout/python/version.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

typedef struct ohc_python_version version;

static version public_part(const version *v)
{
	version p = *v;

	p.local[0] = '\0';
	return p;
}

static int compare_public(const version *a, const version *b)
{
	version p = public_part(a), q = public_part(b);

	return ohc_python_version_compare(&p, &q);
}

static bool same_release(const version *a, const version *b)
{
	version p = *a, q = *b;

	p.pre = q.pre = OHC_PYTHON_NO_PRE;
	p.pre_n = q.pre_n = p.post = q.post = p.dev = q.dev = -1;
	return compare_public(&p, &q) == 0;
}

static bool equals(const version *have, const version *want)
{
	return *want->local ? ohc_python_version_compare(have, want) == 0
			    : compare_public(have, want) == 0;
}

static bool differs(const version *have, const version *want)
{
	return !equals(have, want);
}

static bool at_least(const version *have, const version *want)
{
	return compare_public(have, want) >= 0;
}

static bool at_most(const version *have, const version *want)
{
	return compare_public(have, want) <= 0;
}

/* "<1.0" excludes 1.0rc1; "<1.0rc2" does not. */
static bool below(const version *have, const version *want)
{
	bool have_pre = have->pre != OHC_PYTHON_NO_PRE || have->dev >= 0;
	bool final = want->pre == OHC_PYTHON_NO_PRE && want->dev < 0 && want->post < 0;

	return ohc_python_version_compare(have, want) < 0 &&
	       !(final && have_pre && same_release(have, want));
}

/* ">1.0" excludes 1.0.post1 and 1.0+local. */
static bool above(const version *have, const version *want)
{
	version before = *have;

	before.post = before.dev = -1;
	return compare_public(have, want) > 0 &&
	       !(have->post >= 0 && want->post < 0 && compare_public(&before, want) == 0);
}

/* Compares the first `n` numbers. */
static bool has_prefix(const version *have, const version *want, size_t n)
{
	if (have->epoch != want->epoch)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((i < have->n_release ? have->release[i] : 0) != want->release[i])
			return false;
	return true;
}

static bool compatible(const version *have, const version *want)
{
	return at_least(have, want) && has_prefix(have, want, want->n_release - 1);
}

static const struct rule {
	const char *text; /* longer ones first */
	bool (*holds)(const version *have, const version *want);
	bool exact;  /* "==1.2.*" and "==1+local" are allowed … */
	bool result; /* … and this is the answer where they are equal */
} rules[] = {
	{ "~=", compatible, false, false }, { "==", equals, true, true },
	{ "!=", differs, true, false },     { "<=", at_most, false, false },
	{ ">=", at_least, false, false },   { "<", below, false, false },
	{ ">", above, false, false },
};

static const struct rule *find_rule(const char **s, const char *end)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t n = strlen(rules[i].text);

		if ((size_t)(end - *s) >= n && memcmp(*s, rules[i].text, n) == 0) {
			*s += n;
			return &rules[i];
		}
	}
	return NULL;
}

static void trim(const char **s, const char **end)
{
	while (*s < *end && isspace((unsigned char)**s))
		++*s;
	while (*s < *end && isspace((unsigned char)(*end)[-1]))
		--*end;
}

static enum ohc_python_answer yes_if(bool yes)
{
	return yes ? OHC_PYTHON_YES : OHC_PYTHON_NO;
}

static enum ohc_python_answer one(const char *s, const char *end, const char *text)
{
	const struct rule *op;
	version have, want;
	bool wildcard;

	trim(&s, &end);
	if (s == end)
		return OHC_PYTHON_YES;
	if (end - s >= 3 && memcmp(s, "===", 3) == 0) {
		s += 3;
		trim(&s, &end);
		return yes_if(strlen(text) == (size_t)(end - s) &&
			      strncasecmp(s, text, (size_t)(end - s)) == 0);
	}
	op = find_rule(&s, end);
	if (!op || !ohc_python_version_parse(text, strlen(text), &have))
		return OHC_PYTHON_UNKNOWN;
	trim(&s, &end);
	wildcard = end - s > 2 && memcmp(end - 2, ".*", 2) == 0;
	if (wildcard)
		end -= 2;
	if (!ohc_python_version_parse(s, (size_t)(end - s), &want) || (wildcard && !op->exact))
		return OHC_PYTHON_UNKNOWN;
	if ((op->holds == compatible && want.n_release < 2) || (*want.local && !op->exact))
		return OHC_PYTHON_UNKNOWN;
	if (wildcard)
		return yes_if(has_prefix(&have, &want, want.n_release) == op->result);
	return yes_if(op->holds(&have, &want));
}

enum ohc_python_answer ohc_python_specifiers(const char *specifiers, size_t n, const char *text)
{
	const char *s = specifiers, *end = specifiers + n;
	enum ohc_python_answer all = OHC_PYTHON_YES;

	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		const char *stop = comma ? comma : end;
		enum ohc_python_answer answer = one(s, stop, text);

		if (answer == OHC_PYTHON_NO)
			return OHC_PYTHON_NO;
		if (answer == OHC_PYTHON_UNKNOWN)
			all = OHC_PYTHON_UNKNOWN;
		s = comma ? comma + 1 : end;
	}
	return all;
}
