// SPDX-License-Identifier: Apache-2.0
/*
 * Reads other people's tables: CSV (RFC 4180: fields in quotes may hold commas, line ends and
 * doubled quotes) and JSON Lines.  Only the base's column is kept.
 */
#include <string.h>

#include "compose/bake/list_internal.h"
#include "core/alloc.h"

struct csv {
	const char *p, *end;
	size_t line;
	struct ohc_buf field;
};

enum csv_end {
	CSV_FIELD, /* another field follows */
	CSV_ROW,   /* it was the row's last */
	CSV_OPEN,  /* its quotes do not end */
};

/* Reads one field into c->field. */
static enum csv_end next_field(struct csv *c)
{
	bool quoted = c->p < c->end && *c->p == '"';

	ohc_buf_truncate(&c->field, 0);
	if (quoted)
		c->p++;
	for (; c->p < c->end; c->p++) {
		if (quoted && *c->p == '"') {
			if (c->p + 1 == c->end || c->p[1] != '"') {
				quoted = false;
				continue;
			}
			c->p++;
		} else if (!quoted && *c->p == ',') {
			c->p++;
			return CSV_FIELD;
		} else if (*c->p == '\n') {
			c->line++;
			if (!quoted) {
				c->p++;
				return CSV_ROW;
			}
		}
		ohc_buf_addc(&c->field, *c->p);
	}
	return quoted ? CSV_OPEN : CSV_ROW;
}

static bool field_is(const struct csv *c, const char *name)
{
	const char *s = ohc_buf_str(&c->field);
	size_t n = c->field.len;

	if (n && s[n - 1] == '\r')
		n--;
	if (n >= 3 && strncmp(s, "\xef\xbb\xbf", 3) ==
			      0) { /* the byte order mark that some spreadsheets write */
		s += 3;
		n -= 3;
	}
	return strlen(name) == n && strncmp(s, name, n) == 0;
}

/* Finds the number of the base's column, and reads the row of names to its end. */
static int find_column(struct csv *c, const struct ohc_bake_reading *r, size_t *ret,
		       struct ohc_error *err)
{
	bool found = false;

	for (size_t i = 0;; i++) {
		enum csv_end end = next_field(c);

		if (!found && field_is(c, r->source->field)) {
			*ret = i;
			found = true;
		}
		if (end == CSV_FIELD)
			continue;
		if (found)
			return 0;
		return ohc_error_set(err, OHC_E_FORMAT, "%s: line 1: no column is called '%s'",
				     r->what, r->source->field);
	}
}

/* Reads one row; *ret_line is the line where it began. */
static int read_row(struct csv *c, struct ohc_bake_reading *r, size_t column, struct ohc_error *err)
{
	size_t line = c->line;
	bool has = false;
	int rc = 0;

	for (size_t i = 0; rc == 0; i++) {
		enum csv_end end = next_field(c);

		if (end == CSV_OPEN)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "%s: line %zu: a field's quotes do not end", r->what,
					     line);
		if (i == 0 && end == CSV_ROW &&
		    c->field.len <= strspn(ohc_buf_str(&c->field), "\r"))
			return 0; /* an empty line */
		if (i == column) {
			has = true;
			rc = ohc_bake_reading_base(r, ohc_buf_str(&c->field), c->field.len, line,
						   err);
		}
		if (end == CSV_ROW)
			break;
	}
	if (rc == 0 && !has)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: line %zu: the row has no column '%s'",
				     r->what, line, r->source->field);
	return rc;
}

int ohc_bake_list_csv(struct ohc_bake_reading *r, struct ohc_error *err)
{
	struct csv c = { .p = r->text, .end = r->text + r->n, .line = 1 };
	size_t column = 0;
	int rc = find_column(&c, r, &column, err);

	while (rc == 0 && c.p < c.end)
		rc = read_row(&c, r, column, err);
	ohc_buf_clear(&c.field);
	return rc;
}

/* "a.b" is the member b of the member a; one that is called "a.b" itself comes first. */
static const json_t *member(const json_t *obj, const char *field)
{
	const json_t *v = json_object_get(obj, field);
	const char *dot = strchr(field, '.');

	while (!v && dot) {
		ohc_cleanup(ohc_freep) char *first = ohc_xstrndup(field, (size_t)(dot - field));

		v = json_object_get(obj, first);
		v = v ? member(v, dot + 1) : NULL;
		dot = strchr(dot + 1, '.');
	}
	return v;
}

static int read_line(struct ohc_bake_reading *r, const char *p, size_t n, size_t line,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("%s: line %zu", r->what, line);
	const json_t *base;
	int rc = ohc_json_parse_line(p, n, r->what, line, &doc, err);

	if (rc < 0)
		return rc;
	base = member(doc, r->source->field);
	if (!json_is_string(base))
		return ohc_error_set(err, OHC_E_FORMAT, "%s: '%s' is %s", what, r->source->field,
				     base ? "not a string" : "missing");
	return ohc_bake_reading_base(r, json_string_value(base), json_string_length(base), line,
				     err);
}

int ohc_bake_list_json_lines(struct ohc_bake_reading *r, struct ohc_error *err)
{
	const char *p = r->text, *end = r->text + r->n;
	int rc = 0;

	for (size_t line = 1; rc == 0 && p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;

		if (strspn(p, " \t\r") < (size_t)(stop - p))
			rc = read_line(r, p, (size_t)(stop - p), line, err);
		p = nl ? nl + 1 : end;
	}
	return rc;
}
