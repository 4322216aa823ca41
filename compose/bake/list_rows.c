// SPDX-License-Identifier: Apache-2.0
/*
 * Reads other people's tables: CSV (RFC 4180: fields in quotes may hold commas, line ends and
 * doubled quotes) and JSON Lines.  Only the base's column is kept.
 */
#include <string.h>

#include "compose/bake/list_internal.h"
#include "core/alloc.h"
#include "oci/documents/json_position.h"

struct csv {
	const char *p, *end;
	size_t line;
	const char *start; /* of the line */
	struct ohc_buf field;
	struct ohc_bake_place place; /* where the field begins, */
	struct ohc_bake_place wrong; /* and where it is none */
};

enum csv_end {
	CSV_FIELD,  /* another field follows */
	CSV_ROW,    /* it was the row's last */
	CSV_OPEN,   /* its quotes do not end */
	CSV_BEHIND, /* there is something behind its quotes */
};

static struct ohc_bake_place place_of(const struct csv *c)
{
	return (struct ohc_bake_place){ c->line, c->start, c->p };
}

/* Passes by the end of a field: ',', the end of the line or of the file.  false: it is none. */
static bool end_field(struct csv *c, enum csv_end *ret)
{
	if (c->p < c->end && *c->p == '\r' && (c->p + 1 == c->end || c->p[1] == '\n'))
		c->p++;
	*ret = CSV_ROW;
	if (c->p == c->end)
		return true;
	if (*c->p == ',')
		*ret = CSV_FIELD;
	else if (*c->p != '\n')
		return false;
	c->p++;
	if (*ret == CSV_ROW) {
		c->line++;
		c->start = c->p;
	}
	return true;
}

/* Reads what stands within quotes, of which the first was read; false: they do not end. */
static bool read_quoted(struct csv *c)
{
	for (; c->p < c->end; c->p++) {
		if (*c->p == '"') {
			c->p++;
			if (c->p == c->end || *c->p != '"')
				return true;
		} else if (*c->p == '\n') {
			c->line++;
			c->start = c->p + 1;
		}
		ohc_buf_addc(&c->field, *c->p);
	}
	return false;
}

/* Reads one field into c->field. */
static enum csv_end next_field(struct csv *c)
{
	enum csv_end end;

	ohc_buf_truncate(&c->field, 0);
	c->place = c->wrong = place_of(c);
	if (c->p < c->end && *c->p == '"') {
		c->p++;
		if (!read_quoted(c))
			return CSV_OPEN;
		c->wrong = place_of(c);
		return end_field(c, &end) ? end : CSV_BEHIND;
	}
	while (!end_field(c, &end))
		ohc_buf_addc(&c->field, *c->p++);
	return end;
}

/* Refuses a field that is none. */
static int check_field(const struct csv *c, const struct ohc_bake_reading *r, enum csv_end end,
		       struct ohc_error *err)
{
	if (end == CSV_OPEN)
		return ohc_bake_reading_wrong(r, &c->wrong, err, "the field's quotes do not end");
	if (end == CSV_BEHIND)
		return ohc_bake_reading_wrong(r, &c->wrong, err,
					      "there is text behind the field's quotes: quotes "
					      "in a field are doubled");
	return 0;
}

/* Spreadsheets write "id;image" where ',' is the mark of decimals, and others tabs. */
static int check_separator(const struct ohc_strv *names, const struct ohc_bake_reading *r,
			   const struct ohc_bake_place *place, struct ohc_error *err)
{
	static const struct {
		char mark;
		const char *what;
	} marks[] = { { ';', "';'" }, { '\t', "a tab" }, { '|', "'|'" } };

	for (size_t i = 0; names->n == 1 && i < OHC_ARRAY_SIZE(marks); i++)
		if (strchr(names->v[0], marks[i].mark))
			return ohc_bake_reading_wrong(r, place, err,
						      "%s stands between the columns: a ',' is "
						      "wanted (csvformat, or a spreadsheet that "
						      "saves it as CSV with commas)",
						      marks[i].what);
	return 0;
}

/* Finds the number of the base's column among the names. */
static int find_name(const struct ohc_strv *names, const struct ohc_bake_reading *r,
		     const struct ohc_bake_place *place, size_t *ret, struct ohc_error *err)
{
	size_t found = 0;

	for (size_t i = names->n; i-- > 0;) {
		if (strcmp(names->v[i], r->source->field) != 0)
			continue;
		*ret = i;
		found++;
	}
	if (found == 0 && check_separator(names, r, place, err) < 0)
		return -OHC_E_FORMAT;
	if (found == 0)
		return ohc_bake_reading_no_field(r, place, "column", names, err);
	if (found > 1)
		return ohc_bake_reading_wrong(r, place, err, "%zu columns are called '%s'", found,
					      r->source->field);
	return 0;
}

static void skip_empty_lines(struct csv *c)
{
	enum csv_end end;

	while (c->p < c->end && strchr("\r\n", *c->p) && end_field(c, &end))
		;
}

/* Finds the number of the base's column, and reads the row of names to its end. */
static int find_column(struct csv *c, const struct ohc_bake_reading *r, size_t *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv names = OHC_STRV_INIT;
	struct ohc_bake_place row;
	enum csv_end end;
	int rc;

	skip_empty_lines(c);
	row = place_of(c);
	do {
		end = next_field(c);
		rc = check_field(c, r, end, err);
		if (rc < 0)
			return rc;
		ohc_strv_add(&names, ohc_buf_str(&c->field));
	} while (end == CSV_FIELD);
	return find_name(&names, r, &row, ret, err);
}

static int read_row(struct csv *c, struct ohc_bake_reading *r, size_t column, struct ohc_error *err)
{
	struct ohc_bake_place row = place_of(c);
	enum csv_end end = CSV_FIELD;
	bool has = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && end == CSV_FIELD; i++) {
		end = next_field(c);
		rc = check_field(c, r, end, err);
		if (rc == 0 && i == column) {
			has = true;
			rc = ohc_bake_reading_base(r, ohc_buf_str(&c->field), c->field.len,
						   &c->place, err);
		}
	}
	if (rc == 0 && !has)
		return ohc_bake_reading_wrong(r, &row, err, "the row has no column '%s'",
					      r->source->field);
	return rc;
}

int ohc_bake_list_csv(struct ohc_bake_reading *r, struct ohc_error *err)
{
	struct csv c = { .p = r->text, .end = r->text + r->n, .line = 1, .start = r->text };
	size_t column = 0;
	int rc = find_column(&c, r, &column, err);

	for (skip_empty_lines(&c); rc == 0 && c.p < c.end; skip_empty_lines(&c))
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

/* The member is missing, or it is no text. */
static int no_member(struct ohc_bake_reading *r, const struct ohc_bake_place *line, size_t n,
		     json_t *doc, const json_t *base, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv names = OHC_STRV_INIT;
	const char *key;
	json_t *v;

	if (base)
		return ohc_error_set(
			err, OHC_E_FORMAT, "%s: line %zu, column %zu: '%s' is not a string",
			r->what, line->line,
			ohc_json_position(line->at, n, r->source->field).column, r->source->field);
	json_object_foreach (doc, key, v)
		ohc_strv_add(&names, key);
	return ohc_bake_reading_no_field(r, line, "member", &names, err);
}

static int read_line(struct ohc_bake_reading *r, const struct ohc_bake_place *line, size_t n,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const json_t *base;
	int rc = ohc_json_parse_line(line->at, n, r->what, line->line, &doc, err);

	if (rc < 0)
		return rc;
	base = member(doc, r->source->field);
	if (!json_is_string(base))
		return no_member(r, line, n, doc, base, err);
	return ohc_bake_reading_base(r, json_string_value(base), json_string_length(base), line,
				     err);
}

int ohc_bake_list_json_lines(struct ohc_bake_reading *r, struct ohc_error *err)
{
	const char *p = r->text, *end = r->text + r->n;
	int rc = 0;

	for (size_t line = 1; rc == 0 && p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		const struct ohc_bake_place place = { line, p, p };

		if (strspn(p, " \t\r") < (size_t)(stop - p))
			rc = read_line(r, &place, (size_t)(stop - p), err);
		p = nl ? nl + 1 : end;
	}
	return rc;
}
