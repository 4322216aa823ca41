// SPDX-License-Identifier: Apache-2.0
#include "layout/python/version.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The rest of a text that is being read. */
struct text {
	const char *s, *end;
};

static bool accept(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->s) < n || strncasecmp(t->s, word, n) != 0)
		return false;
	t->s += n;
	return true;
}

static bool accept_number(struct text *t, int64_t *ret)
{
	const char *start = t->s;
	int64_t v = 0;

	for (; t->s < t->end && isdigit((unsigned char)*t->s); t->s++) {
		if (v > INT64_MAX / 10 - 1)
			return false;
		v = v * 10 + (*t->s - '0');
	}
	*ret = v;
	return t->s > start;
}

static void accept_separator(struct text *t)
{
	if (t->s < t->end && strchr(".-_", *t->s))
		t->s++;
}

/* Reads one of the words and the number behind it, which is 0 where it is missing. */
static int accept_part(struct text *t, const char *const *words, int64_t *ret)
{
	struct text before = *t;

	accept_separator(t);
	for (int i = 0; words[i]; i++) {
		if (!accept(t, words[i]))
			continue;
		before = *t;
		accept_separator(t);
		if (!accept_number(t, ret)) {
			*t = before;
			*ret = 0;
		}
		return i;
	}
	*t = before;
	return -1;
}

static bool accept_release(struct text *t, struct ohc_python_version *v)
{
	struct text before;
	int64_t n;

	if (!accept_number(t, &n))
		return false;
	v->release[v->n_release++] = n;
	for (;;) {
		before = *t;
		if (!accept(t, ".") || !accept_number(t, &n)) {
			*t = before;
			return true;
		}
		if (v->n_release == OHC_PYTHON_RELEASE_MAX)
			return false;
		v->release[v->n_release++] = n;
	}
}

static void accept_pre(struct text *t, struct ohc_python_version *v)
{
	static const char *const words[] = { "alpha", "beta", "preview", "pre", "rc",
					     "a",     "b",    "c",       NULL };
	static const enum ohc_python_pre kinds[] = { OHC_PYTHON_A,  OHC_PYTHON_B,  OHC_PYTHON_RC,
						     OHC_PYTHON_RC, OHC_PYTHON_RC, OHC_PYTHON_A,
						     OHC_PYTHON_B,  OHC_PYTHON_RC };
	int i = accept_part(t, words, &v->pre_n);

	if (i >= 0)
		v->pre = kinds[i];
}

/* "1.0-1" is 1.0.post1. */
static void accept_post(struct text *t, struct ohc_python_version *v)
{
	static const char *const words[] = { "post", "rev", "r", NULL };
	struct text before = *t;
	int64_t n;

	if (accept(t, "-") && accept_number(t, &n)) {
		v->post = n;
		return;
	}
	*t = before;
	accept_part(t, words, &v->post);
}

static bool accept_local(struct text *t, struct ohc_python_version *v)
{
	size_t n = 0;

	if (!accept(t, "+"))
		return true;
	for (; t->s < t->end && n + 1 < sizeof(v->local); t->s++) {
		if (!isalnum((unsigned char)*t->s) && !strchr(".-_", *t->s))
			return false;
		v->local[n++] = strchr("-_", *t->s) ? '.' : (char)tolower((unsigned char)*t->s);
	}
	v->local[n] = '\0';
	return n > 0;
}

bool ohc_python_version_parse(const char *text, size_t n, struct ohc_python_version *ret)
{
	static const char *const dev[] = { "dev", NULL };
	struct ohc_python_version v = {
		.pre = OHC_PYTHON_NO_PRE, .pre_n = -1, .post = -1, .dev = -1
	};
	struct text t = { text, text + n }, before;

	while (t.s < t.end && isspace((unsigned char)*t.s))
		t.s++;
	while (t.s < t.end && isspace((unsigned char)t.end[-1]))
		t.end--;
	accept(&t, "v");
	before = t;
	if (!accept_number(&t, &v.epoch) || !accept(&t, "!")) {
		t = before;
		v.epoch = 0;
	}
	if (!accept_release(&t, &v))
		return false;
	accept_pre(&t, &v);
	accept_post(&t, &v);
	accept_part(&t, dev, &v.dev);
	if (!accept_local(&t, &v) || t.s < t.end)
		return false;
	*ret = v;
	return true;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int64_t release_at(const struct ohc_python_version *v, size_t i)
{
	return i < v->n_release ? v->release[i] : 0;
}

static int compare_release(const struct ohc_python_version *a, const struct ohc_python_version *b)
{
	int c = compare_numbers(a->epoch, b->epoch);

	for (size_t i = 0; c == 0 && i < OHC_PYTHON_RELEASE_MAX; i++)
		c = compare_numbers(release_at(a, i), release_at(b, i));
	return c;
}

/* 1.0.dev1 comes before 1.0a1, that before 1.0. */
static int64_t pre_rank(const struct ohc_python_version *v)
{
	if (v->pre == OHC_PYTHON_NO_PRE && v->post < 0 && v->dev >= 0)
		return -1;
	return (int64_t)v->pre;
}

static int64_t dev_rank(const struct ohc_python_version *v)
{
	return v->dev < 0 ? INT64_MAX : v->dev;
}

/* Parts are compared one by one: numbers by value, and numbers above words. */
static int compare_local(const char *a, const char *b)
{
	while (*a && *b) {
		size_t n = strcspn(a, "."), m = strcspn(b, ".");
		bool num_a = strspn(a, "0123456789") == n, num_b = strspn(b, "0123456789") == m;
		int c;

		if (num_a != num_b)
			return num_a ? 1 : -1;
		if (num_a && n != m)
			return n < m ? -1 : 1;
		c = strncmp(a, b, n < m ? n : m);
		if (c == 0)
			c = compare_numbers((int64_t)n, (int64_t)m);
		if (c != 0)
			return c;
		a += n + (a[n] == '.');
		b += m + (b[m] == '.');
	}
	return (*a != '\0') - (*b != '\0');
}

int ohc_python_version_compare(const struct ohc_python_version *a,
			       const struct ohc_python_version *b)
{
	int c = compare_release(a, b);

	if (c == 0)
		c = compare_numbers(pre_rank(a), pre_rank(b));
	if (c == 0)
		c = compare_numbers(a->pre_n, b->pre_n);
	if (c == 0)
		c = compare_numbers(a->post, b->post);
	if (c == 0)
		c = compare_numbers(dev_rank(a), dev_rank(b));
	return c == 0 ? compare_local(a->local, b->local) : c;
}
