// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/json_position.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct json_scan {
	const char *p, *end;
	const char *deepest; /* where the last step that was found stands */
};

static char peek(const struct json_scan *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static void skip_space(struct json_scan *s)
{
	while (s->p < s->end && strchr(" \t\r\n", *s->p))
		s->p++;
}

static void skip_string(struct json_scan *s)
{
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
		s->p += *s->p == '\\';
	s->p++;
}

/* Skips a value, up to the ',' or bracket that ends it. */
static void skip_value(struct json_scan *s)
{
	size_t depth = 0;

	while (s->p < s->end) {
		char c = *s->p;

		if (c == '"') {
			skip_string(s);
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			return;
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		s->p++;
	}
}

static bool descend(struct json_scan *s, const char *path);

/* Moves past the ',' to the next element or member; false behind the last. */
static bool next(struct json_scan *s)
{
	skip_value(s);
	if (peek(s) != ',')
		return false;
	s->p++;
	return true;
}

static bool descend_array(struct json_scan *s, const char *path)
{
	char *rest;
	unsigned long index = strtoul(path + 1, &rest, 10);

	s->p++;
	for (; index; index--)
		if (!next(s))
			return false;
	skip_space(s);
	s->deepest = s->p;
	rest += *rest == ']';
	return descend(s, rest + (*rest == '.'));
}

/* A key with a '.' in it looks like two steps, so each member that could be meant is tried. */
static bool descend_object(struct json_scan *s, const char *path)
{
	do {
		const char *key, *before = s->deepest;
		size_t n;

		s->p++;
		skip_space(s);
		key = s->p;
		if (peek(s) != '"')
			return false;
		skip_string(s);
		n = (size_t)(s->p - key - 2);
		skip_space(s);
		s->p++; /* the ':' */
		if (strncmp(path, key + 1, n) == 0 && (!path[n] || strchr(".[", path[n]))) {
			struct json_scan inner = { s->p, s->end, key };

			if (descend(&inner, path + n + (path[n] == '.'))) {
				*s = inner;
				return true;
			}
			before = inner.deepest;
		}
		s->deepest = before;
		skip_value(s);
	} while (peek(s) == ',');
	return false;
}

static bool descend(struct json_scan *s, const char *path)
{
	if (!*path)
		return true;
	skip_space(s);
	if (peek(s) == '{')
		return descend_object(s, path);
	return *path == '[' && peek(s) == '[' && descend_array(s, path);
}

/* Moves `at`, the position of `from`, on to `to`. */
static void walk(struct ohc_json_position *at, const char *from, const char *to)
{
	for (; from < to; from++) {
		if (*from == '\n')
			*at = (struct ohc_json_position){ at->line + 1, 1 };
		else if ((*from & 0xc0) != 0x80)
			at->column++;
	}
}

struct ohc_json_position ohc_json_position(const char *text, size_t n, const char *path)
{
	struct ohc_json_position at = { 1, 1 };
	struct json_scan s = { text, text + n, text };

	skip_space(&s);
	s.deepest = s.p;
	descend(&s, path);
	walk(&at, text, s.deepest);
	return at;
}

void ohc_json_element_positions(const char *text, size_t n, const char *path,
				struct ohc_json_position *ret, size_t n_ret)
{
	struct ohc_json_position at = { 1, 1 };
	struct json_scan s = { text, text + n, text };
	const char *from = text;

	if (!descend(&s, path))
		return;
	skip_space(&s);
	s.p++; /* the '[' */
	for (size_t i = 0; i < n_ret; i++) {
		skip_space(&s);
		walk(&at, from, s.p);
		from = s.p;
		ret[i] = at;
		if (!next(&s))
			return;
	}
}
