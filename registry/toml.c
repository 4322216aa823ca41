// SPDX-License-Identifier: Apache-2.0
#include "registry/toml.h"

#include <ctype.h>
#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"

#define DEPTH_MAX 16

struct reader {
	const char *p;
	const char *what;
	unsigned int line;
	unsigned int depth;
	struct ohc_error *err;
};

static int bad(struct reader *r, const char *why)
{
	return ohc_error_set(r->err, OHC_E_FORMAT, "%s, line %u: %s", r->what, r->line, why);
}

static void blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t");
}

/* Skips blanks, comments and, between lines, line ends. */
static void space(struct reader *r, bool lines)
{
	for (;;) {
		blanks(r);
		if (*r->p == '#')
			r->p += strcspn(r->p, "\n");
		if (!lines || (*r->p != '\n' && strncmp(r->p, "\r\n", 2) != 0))
			return;
		r->line++;
		r->p = strchr(r->p, '\n') + 1;
	}
}

static int end_of_line(struct reader *r)
{
	space(r, false);
	if (*r->p == '\0' || *r->p == '\n' || strncmp(r->p, "\r\n", 2) == 0)
		return 0;
	return bad(r, "something follows where the line should end");
}

static void utf8(struct ohc_buf *b, unsigned long c)
{
	if (c < 0x80) {
		ohc_buf_addc(b, (char)c);
	} else if (c < 0x800) {
		ohc_buf_addc(b, (char)(0xc0 | c >> 6));
		ohc_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		ohc_buf_addc(b, (char)(0xe0 | c >> 12));
		ohc_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		ohc_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		ohc_buf_addc(b, (char)(0xf0 | c >> 18));
		ohc_buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		ohc_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		ohc_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

static int unicode(struct reader *r, size_t digits, struct ohc_buf *b)
{
	char hex[9] = "";
	unsigned long c;

	if (strspn(r->p, "0123456789abcdefABCDEF") < digits)
		return bad(r, "a \\u that is not followed by its digits");
	memcpy(hex, r->p, digits);
	c = strtoul(hex, NULL, 16);
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return bad(r, "a \\u that is no character");
	utf8(b, c);
	r->p += digits;
	return 0;
}

static int escape(struct reader *r, struct ohc_buf *b)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	char c = *r->p;
	const char *at = c ? strchr(from, c) : NULL;

	r->p += c != '\0';
	if (c == 'u' || c == 'U')
		return unicode(r, c == 'u' ? 4 : 8, b);
	if (!at)
		return bad(r, "a backslash before something that has no meaning after it");
	ohc_buf_addc(b, to[at - from]);
	return 0;
}

static int string(struct reader *r, struct ohc_buf *b)
{
	char quote = *r->p;
	int rc = 0;

	if (r->p[1] == quote && r->p[2] == quote)
		return bad(r, "strings of several lines are not understood");
	for (r->p++; rc == 0 && *r->p != quote;) {
		if (*r->p == '\n' || *r->p == '\0')
			return bad(r, "a string without its closing quote");
		if (*r->p == '\\' && quote == '"') {
			r->p++;
			rc = escape(r, b);
		} else {
			ohc_buf_addc(b, *r->p++);
		}
	}
	if (rc == 0)
		r->p++;
	return rc;
}

static int key(struct reader *r, char **ret)
{
	static const char bare[] = OHC_ASCII_ALNUM "_-";
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	size_t n = strspn(r->p, bare);
	int rc;

	if (*r->p == '"' || *r->p == '\'') {
		rc = string(r, &b);
		if (rc < 0)
			return rc;
		*ret = ohc_buf_detach(&b);
		return 0;
	}
	if (n == 0)
		return bad(r, "a key is missing");
	*ret = ohc_xstrndup(r->p, n);
	r->p += n;
	return 0;
}

static int value(struct reader *r, json_t **ret);
static int assignment(struct reader *r, json_t *table);

static int array(struct reader *r, json_t **ret)
{
	ohc_cleanup(ohc_json_decref) json_t *list = json_array();
	int rc;

	r->p++;
	for (space(r, true); *r->p != ']'; space(r, true)) {
		json_t *v = NULL;

		rc = value(r, &v);
		if (rc < 0)
			return rc;
		json_array_append_new(list, v);
		space(r, true);
		if (*r->p == ',')
			r->p++;
		else if (*r->p != ']')
			return bad(r, "an array without its closing bracket");
	}
	r->p++;
	*ret = ohc_take(list);
	return 0;
}

static int inline_table(struct reader *r, json_t **ret)
{
	ohc_cleanup(ohc_json_decref) json_t *table = json_object();
	int rc;

	r->p++;
	for (blanks(r); *r->p != '}'; blanks(r)) {
		rc = assignment(r, table);
		if (rc < 0)
			return rc;
		blanks(r);
		if (*r->p == ',')
			r->p++;
		else if (*r->p != '}')
			return bad(r, "an inline table without its closing brace");
	}
	r->p++;
	*ret = ohc_take(table);
	return 0;
}

static int word(struct reader *r, json_t **ret)
{
	size_t n = strcspn(r->p, " \t\r\n,]}#");
	ohc_cleanup(ohc_freep) char *text = ohc_xstrndup(r->p, n);
	char *end;
	long long number;

	r->p += n;
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		*ret = json_boolean(*text == 't');
		return 0;
	}
	number = strtoll(text, &end, 10);
	if (*text && *end == '\0') {
		*ret = json_integer(number);
		return 0;
	}
	return bad(r, "a value that is neither string, integer, boolean, array nor table");
}

static int text_value(struct reader *r, json_t **ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	int rc = string(r, &b);

	if (rc < 0)
		return rc;
	*ret = json_string(ohc_buf_str(&b));
	return *ret ? 0 : bad(r, "a string that is not UTF-8");
}

static int value(struct reader *r, json_t **ret)
{
	int rc;

	if (++r->depth > DEPTH_MAX)
		return bad(r, "nested too deeply");
	if (*r->p == '"' || *r->p == '\'')
		rc = text_value(r, ret);
	else if (*r->p == '[')
		rc = array(r, ret);
	else if (*r->p == '{')
		rc = inline_table(r, ret);
	else
		rc = word(r, ret);
	r->depth--;
	return rc;
}

/* Reads a key such as a.b.c, and goes to (and makes) the tables before the last part, which is
 * *ret_last. */
static int path(struct reader *r, json_t **table, char **ret_last)
{
	ohc_cleanup(ohc_freep) char *part = NULL;
	int rc;

	for (;;) {
		json_t *next;

		blanks(r);
		free(ohc_take(part));
		rc = key(r, &part);
		if (rc < 0)
			return rc;
		blanks(r);
		if (*r->p != '.') {
			*ret_last = ohc_take(part);
			return 0;
		}
		r->p++;
		next = json_object_get(*table, part);
		if (json_is_array(next)) /* of tables: the last one is meant */
			next = json_array_get(next, json_array_size(next) - 1);
		if (!next) {
			next = json_object();
			if (json_object_set_new(*table, part, next) < 0)
				return bad(r, "a key that is not UTF-8");
		}
		if (!json_is_object(next))
			return bad(r, "a key that is no table");
		*table = next;
	}
}

static int assignment(struct reader *r, json_t *table)
{
	ohc_cleanup(ohc_freep) char *last = NULL;
	json_t *v = NULL;
	int rc = path(r, &table, &last);

	if (rc < 0)
		return rc;
	if (*r->p != '=')
		return bad(r, "a key without '='");
	r->p++;
	blanks(r);
	rc = value(r, &v);
	if (rc < 0)
		return rc;
	if (json_object_get(table, last)) {
		json_decref(v);
		return bad(r, "a key that is there already");
	}
	return json_object_set_new(table, last, v) < 0 ? bad(r, "a key that is not UTF-8") : 0;
}

/* [a.b] or [[a.b]]: *table is what the lines below it fill. */
static int header(struct reader *r, json_t *root, json_t **table)
{
	ohc_cleanup(ohc_freep) char *last = NULL;
	bool list = r->p[1] == '[';
	json_t *parent = root, *there, *new;
	int rc;

	r->p += list ? 2 : 1;
	rc = path(r, &parent, &last);
	if (rc < 0)
		return rc;
	if (strncmp(r->p, list ? "]]" : "]", list ? 2 : 1) != 0)
		return bad(r, "a table's name without its closing bracket");
	r->p += list ? 2 : 1;
	there = json_object_get(parent, last);
	if (!list && json_is_object(there)) {
		*table = there;
		return 0;
	}
	if (there && !(list && json_is_array(there)))
		return bad(r, "a table's name that is something else already");
	if (list && !there) {
		there = json_array();
		if (json_object_set_new(parent, last, there) < 0)
			return bad(r, "a table's name that is not UTF-8");
	}
	new = json_object();
	if (list ? json_array_append_new(there, new) < 0
		 : json_object_set_new(parent, last, new) < 0)
		return bad(r, "a table's name that is not UTF-8");
	*table = new;
	return 0;
}

int ohc_toml_parse(const char *text, const char *what, json_t **ret, struct ohc_error *err)
{
	struct reader r = { .p = text, .what = what, .line = 1, .err = err };
	ohc_cleanup(ohc_json_decref) json_t *root = json_object();
	json_t *table = root;
	int rc = 0;

	for (space(&r, true); rc == 0 && *r.p; space(&r, true)) {
		rc = *r.p == '[' ? header(&r, root, &table) : assignment(&r, table);
		if (rc == 0)
			rc = end_of_line(&r);
	}
	if (rc == 0)
		*ret = ohc_take(root);
	return rc;
}
