// SPDX-License-Identifier: Apache-2.0
#include "layout/account/rows.h"

#include <string.h>

#include "core/alloc.h"
#include "core/id.h"

/* The line from pos on, of any kind. */
static struct ohc_row line_at(const struct ohc_buf *text, size_t pos)
{
	const char *p = text->data + pos, *end = memchr(p, '\n', text->len - pos);

	return (struct ohc_row){ pos, end ? (size_t)(end - p) : text->len - pos };
}

/* The line as the C library reads it: it skips blanks at the start. */
static struct ohc_row skip_blanks(const struct ohc_buf *text, struct ohc_row line)
{
	while (line.len && strchr(" \t\v\f\r", text->data[line.at]) && text->data[line.at])
		line.at++, line.len--;
	return line;
}

static bool is_nis(const struct ohc_buf *text, const struct ohc_row *row)
{
	return row->len && (text->data[row->at] == '+' || text->data[row->at] == '-');
}

static bool is_row(const struct ohc_buf *text, const struct ohc_row *row)
{
	return row->len && text->data[row->at] != '#' && !is_nis(text, row);
}

bool ohc_row_next(const struct ohc_buf *text, size_t *pos, struct ohc_row *ret)
{
	struct ohc_row line;

	while (*pos < text->len) {
		line = line_at(text, *pos);
		*pos = line.at + line.len + 1;
		line = skip_blanks(text, line);
		if (!is_row(text, &line))
			continue;
		*ret = line;
		return true;
	}
	return false;
}

static bool field_of(const struct ohc_buf *text, const struct ohc_row *row, unsigned int field,
		     struct ohc_row *ret)
{
	size_t at = row->at, end = row->at + row->len;
	const char *colon;

	for (;; field--) {
		colon = memchr(text->data + at, ':', end - at);
		*ret = (struct ohc_row){ at, (colon ? (size_t)(colon - text->data) : end) - at };
		if (field == 0)
			return true;
		if (!colon)
			return false;
		at += ret->len + 1;
	}
}

static bool is_text(const struct ohc_buf *text, const struct ohc_row *f, const char *value)
{
	return f->len == strlen(value) && memcmp(text->data + f->at, value, f->len) == 0;
}

bool ohc_row_find(const struct ohc_buf *text, unsigned int field, const char *value,
		  struct ohc_row *ret)
{
	struct ohc_row row, f;
	size_t pos = 0;

	while (ohc_row_next(text, &pos, &row)) {
		if (!field_of(text, &row, field, &f) || !is_text(text, &f, value))
			continue;
		*ret = row;
		return true;
	}
	return false;
}

bool ohc_row_id(const struct ohc_buf *text, const struct ohc_row *row, unsigned int field,
		uint32_t *ret)
{
	struct ohc_row f;

	if (!field_of(text, row, field, &f))
		return false;
	/* as strtoul() does, with which the C library reads it. */
	for (; f.len && (text->data[f.at] == ' ' || text->data[f.at] == '\t'); f.len--)
		f.at++;
	return ohc_id_parse(text->data + f.at, f.len, ret);
}

bool ohc_row_is_one(const struct ohc_buf *text, const struct ohc_row *row, enum ohc_row_kind kind,
		    uint32_t *ret_id)
{
	uint32_t id, gid;

	if (!ohc_row_id(text, row, 2, &id) ||
	    (kind == OHC_ROW_OF_PASSWD && !ohc_row_id(text, row, 3, &gid)))
		return false;
	*ret_id = id;
	return true;
}

bool ohc_row_find_id(const struct ohc_buf *text, enum ohc_row_kind kind, uint32_t id,
		     struct ohc_row *ret)
{
	struct ohc_row row;
	uint32_t has;
	size_t pos = 0;

	while (ohc_row_next(text, &pos, &row)) {
		if (!ohc_row_is_one(text, &row, kind, &has) || has != id)
			continue;
		*ret = row;
		return true;
	}
	return false;
}

bool ohc_row_find_name(const struct ohc_buf *text, enum ohc_row_kind kind, const char *name,
		       struct ohc_row *ret, uint32_t *ret_id)
{
	struct ohc_row row, f;
	size_t pos = 0;

	while (ohc_row_next(text, &pos, &row)) {
		if (!field_of(text, &row, 0, &f) || !is_text(text, &f, name) ||
		    !ohc_row_is_one(text, &row, kind, ret_id))
			continue;
		*ret = row;
		return true;
	}
	return false;
}

char *ohc_row_text(const struct ohc_buf *text, const struct ohc_row *row, unsigned int field)
{
	struct ohc_row f;

	if (!field_of(text, row, field, &f))
		return ohc_xstrdup("");
	return ohc_xstrndup(text->data + f.at, f.len);
}

static void splice(struct ohc_buf *text, size_t at, size_t remove, const char *add, size_t n)
{
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_add(&b, text->data, at);
	ohc_buf_add(&b, add, n);
	ohc_buf_add(&b, text->data + at + remove, text->len - at - remove);
	ohc_buf_clear(text);
	*text = b;
}

bool ohc_row_set(struct ohc_buf *text, struct ohc_row *row, unsigned int field, const char *value)
{
	struct ohc_row f;

	if (!field_of(text, row, field, &f))
		return false;
	splice(text, f.at, f.len, value, strlen(value));
	row->len = row->len - f.len + strlen(value);
	return true;
}

/* Adds the list to out with the other name in it; false where the old name is not in it. */
static bool rename_in(const struct ohc_buf *text, const struct ohc_row *list, const char *from,
		      const char *to, struct ohc_buf *out)
{
	const char *p = text->data + list->at, *end = p + list->len, *comma;
	size_t len, before = out->len;
	bool any = false;

	for (; p < end; p += len + 1) {
		comma = memchr(p, ',', (size_t)(end - p));
		len = (size_t)((comma ? comma : end) - p);
		if (len == strlen(from) && memcmp(p, from, len) == 0) {
			ohc_buf_adds(out, to);
			any = true;
		} else {
			ohc_buf_add(out, p, len);
		}
		if (comma)
			ohc_buf_addc(out, ',');
	}
	if (!any)
		ohc_buf_truncate(out, before);
	return any;
}

/* Works in one pass, because a hostile file may have a list in each of its many lines. */
bool ohc_rows_rename_member(struct ohc_buf *text, unsigned int field, const char *from,
			    const char *to)
{
	struct ohc_buf out = OHC_BUF_INIT, list = OHC_BUF_INIT;
	size_t pos = 0, copied = 0;
	struct ohc_row row, f;

	while (ohc_row_next(text, &pos, &row)) {
		ohc_buf_truncate(&list, 0);
		if (!field_of(text, &row, field, &f) || !rename_in(text, &f, from, to, &list))
			continue;
		ohc_buf_add(&out, text->data + copied, f.at - copied);
		ohc_buf_add(&out, list.data, list.len);
		copied = f.at + f.len;
	}
	if (copied) {
		ohc_buf_add(&out, text->data + copied, text->len - copied);
		ohc_buf_clear(text);
		*text = out;
	}
	ohc_buf_clear(&list);
	return copied != 0;
}

void ohc_rows_add(struct ohc_buf *text, const char *line)
{
	ohc_cleanup(ohc_freep) char *whole = ohc_xasprintf("%s\n", line);
	struct ohc_row l, row;

	for (size_t pos = 0; pos < text->len; pos = l.at + l.len + 1) {
		l = line_at(text, pos);
		row = skip_blanks(text, l);
		if (is_nis(text, &row)) {
			splice(text, pos, 0, whole, strlen(whole));
			return;
		}
	}
	if (text->len && text->data[text->len - 1] != '\n')
		ohc_buf_addc(text, '\n');
	ohc_buf_adds(text, whole);
}
