// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/list.h"

#include <string.h>

#include "compose/bake/list_internal.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/map.h"
#include "core/set.h"
#include "core/suggest.h"
#include "oci/documents/json_position.h"

#define FIELDS_SHOWN 12

static struct ohc_bake_image *add_image(struct ohc_bake_list *list)
{
	/* Grows by half, because a list may have thousands. */
	if ((list->n & (list->n - 1)) == 0)
		list->v = ohc_xrealloc(list->v, list->n ? 2 * list->n : 1, sizeof(*list->v));
	memset(&list->v[list->n], 0, sizeof(*list->v));
	return &list->v[list->n++];
}

/* Joins what the image says to what all have.  Thousands of images have the same options: those are
 * kept once, by their text. */
static void set_image(struct ohc_bake_reading *r, struct ohc_bake_image *image,
		      const struct ohc_bake_settings *all, const struct ohc_bake_settings *one)
{
	struct ohc_bake_list *list = r->list;
	struct ohc_bake_settings *joined = ohc_xcalloc(1, sizeof(*joined));
	char *base, *dest, *text;
	size_t at;

	ohc_bake_settings_join(all, one, joined);
	base = ohc_take(joined->base);
	dest = ohc_take(joined->dest);
	text = ohc_bake_settings_text(joined);
	if (ohc_map_add(r->shared, text, list->n_shared, &at)) {
		if ((list->n_shared & (list->n_shared - 1)) == 0)
			list->shared =
				ohc_xrealloc(list->shared, list->n_shared ? 2 * list->n_shared : 1,
					     sizeof(*list->shared));
		at = list->n_shared++;
		list->shared[at] = joined;
	} else {
		ohc_bake_settings_clear(joined);
		free(joined);
	}
	free(text);
	image->settings = *list->shared[at];
	image->settings.base = base;
	image->settings.dest = dest;
	image->shares = true;
}

/* A column is a character. */
static size_t column_of(const struct ohc_bake_place *place)
{
	size_t column = 1;

	for (const char *p = place->start; p < place->at; p++)
		column += (*p & 0xc0) != 0x80;
	return column;
}

int ohc_bake_reading_wrong(const struct ohc_bake_reading *r, const struct ohc_bake_place *place,
			   struct ohc_error *err, const char *fmt, ...)
{
	char why[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return ohc_error_set(err, OHC_E_FORMAT, "%s: line %zu, column %zu: %s", r->what,
			     place->line, column_of(place), why);
}

int ohc_bake_reading_no_field(const struct ohc_bake_reading *r, const struct ohc_bake_place *place,
			      const char *kind, const struct ohc_strv *names, struct ohc_error *err)
{
	struct ohc_suggestion s = { .word = r->source->field };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;

	for (size_t i = 0; i < names->n; i++) {
		ohc_suggest(&s, names->v[i]);
		if (i < FIELDS_SHOWN)
			ohc_buf_addf(&list, "%s'%.60s'", i ? ", " : "", names->v[i]);
	}
	if (names->n > FIELDS_SHOWN)
		ohc_buf_addf(&list, " and %zu more", names->n - FIELDS_SHOWN);
	if (s.best)
		return ohc_bake_reading_wrong(r, place, err,
					      "no %s is called '%s', did you mean '%s'?", kind,
					      r->source->field, s.best);
	return ohc_bake_reading_wrong(r, place, err, "no %s is called '%s': there are %s", kind,
				      r->source->field, ohc_buf_str(&list));
}

int ohc_bake_list_wrong(const struct ohc_bake_list *list, const struct ohc_bake_image *image,
			int rc, struct ohc_error *err)
{
	if (!list->what)
		return ohc_error_wrap(err, rc, "%s", image->where);
	if (rc == -OHC_E_USAGE) {
		rc = -OHC_E_FORMAT;
		if (err)
			err->code = OHC_E_FORMAT;
	}
	return ohc_error_wrap(err, rc, "%s: %s", list->what, image->where);
}

int ohc_bake_reading_base(struct ohc_bake_reading *r, const char *base, size_t n,
			  const struct ohc_bake_place *place, struct ohc_error *err)
{
	struct ohc_bake_settings row = OHC_BAKE_SETTINGS_INIT;
	struct ohc_bake_image *image;

	while (n && strchr(" \t\r", base[n - 1]))
		n--;
	for (; n && (*base == ' ' || *base == '\t'); n--)
		base++;
	if (n == 0)
		return ohc_bake_reading_wrong(r, place, err, "there is no name of an image");
	row.base = ohc_xstrndup(base, n);
	if (!ohc_set_add(r->seen, row.base)) {
		r->list->repeated++;
		free(row.base);
		return 0;
	}
	image = add_image(r->list);
	image->where = ohc_xasprintf("line %zu, column %zu", place->line, column_of(place));
	set_image(r, image, r->defaults, &row);
	free(row.base);
	return 0;
}

static const char *const list_members[] = { "$schema", "images", NULL };

/* An element of "images": an object, or the name of a base alone. */
static int read_image(struct ohc_bake_reading *r, struct ohc_reader *reader, json_t *v, size_t i,
		      const struct ohc_json_position *at, const struct ohc_bake_settings *all)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("images[%zu]", i);
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", path);
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings one = OHC_BAKE_SETTINGS_INIT;
	struct ohc_bake_image *image;
	int rc = 0;

	if (json_is_string(v))
		one.base = ohc_xstrdup(json_string_value(v));
	else if (json_is_object(v))
		rc = ohc_bake_settings_read(reader, v, path, NULL, &one);
	else
		return ohc_json_member_wrong(reader, where,
					     "is neither the name of a base nor an object");
	if (rc < 0)
		return rc;
	if (!one.base && !all->base)
		return ohc_json_member_wrong(reader, where, "has no 'base'");
	image = add_image(r->list);
	image->where = ohc_xasprintf("line %zu, column %zu: %s", at->line, at->column, where);
	image->has_dest = one.dest || r->top_dest;
	image->has_tags = one.push.tags.n || r->top_tags;
	set_image(r, image, all, &one);
	return 0;
}

static int read_images(struct ohc_bake_reading *r, struct ohc_reader *reader, json_t *doc)
{
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings top = OHC_BAKE_SETTINGS_INIT;
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings all = OHC_BAKE_SETTINGS_INIT;
	json_t *images = json_object_get(doc, "images"), *v;
	ohc_cleanup(ohc_freep) struct ohc_json_position *at = NULL;
	int rc = ohc_bake_settings_read(reader, doc, "", list_members, &top);
	size_t i;

	if (rc < 0)
		return rc;
	if (!json_is_array(images))
		return ohc_json_member_wrong(reader, "'images'",
					     images ? "is not an array" : "is missing");
	ohc_bake_settings_join(r->defaults, &top, &all);
	r->top_dest = top.dest;
	r->top_tags = top.push.tags.n;
	at = ohc_xcalloc(json_array_size(images), sizeof(*at));
	ohc_json_element_positions(r->text, r->n, "images", at, json_array_size(images));
	json_array_foreach (images, i, v) {
		rc = read_image(r, reader, v, i, &at[i], &all);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Lists of other kinds are told from JSON that is wrong. */
static int no_json(struct ohc_bake_reading *r, struct ohc_error *err)
{
	size_t blank = strspn(r->text, " \t\r\n"), line = strcspn(r->text, "\n");
	ohc_cleanup(ohc_json_decref) json_t *first = NULL;

	if (r->text[blank] != '{')
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is no JSON object: names, a CSV and JSON Lines are given "
				     "with --bases",
				     r->what);
	if (line < r->n && ohc_json_parse(r->text, line, r->what, &first, NULL) == 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is JSON Lines, which are given with --bases and "
				     "--base-field",
				     r->what);
	return -OHC_E_FORMAT;
}

static int read_json(struct ohc_bake_reading *r, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader reader = { .what = r->what, .err = err, .text = r->text, .n_text = r->n };
	int rc = ohc_json_parse_long(r->text, r->n, OHC_BAKE_LIST_VALUES_MAX, r->what, &doc, err);

	return rc < 0 ? no_json(r, err) : read_images(r, &reader, doc);
}

/* No name has a ',' in it. */
static int read_name(struct ohc_bake_reading *r, const struct ohc_bake_place *place, size_t n,
		     struct ohc_error *err)
{
	struct ohc_bake_place comma = *place;

	comma.at = memchr(place->at, ',', n);
	if (comma.at)
		return ohc_bake_reading_wrong(r, &comma, err,
					      "no name has a ',' in it: --base-field says which "
					      "column of a CSV names the image");
	return ohc_bake_reading_base(r, place->at, n, place, err);
}

static int read_names(struct ohc_bake_reading *r, struct ohc_error *err)
{
	const char *p = r->text, *end = r->text + r->n;
	int rc = 0;

	for (size_t line = 1; rc == 0 && p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		struct ohc_bake_place place = { line, p, p };
		size_t n = (size_t)(stop - p);

		for (size_t i = 0; i < n; i++)
			if (p[i] == '#' && (i == 0 || p[i - 1] == ' ' || p[i - 1] == '\t'))
				n = i;
		while (n && strchr(" \t\r", p[n - 1]))
			n--;
		for (; n && (*place.at == ' ' || *place.at == '\t'); n--)
			place.at++;
		if (n)
			rc = read_name(r, &place, n, err);
		p = nl ? nl + 1 : end;
	}
	return rc;
}

static int read_text(struct ohc_bake_reading *r, struct ohc_error *err)
{
	size_t blank = strspn(r->text, " \t\r\n");

	if (blank == r->n)
		return 0; /* it names none */
	if (!r->source->bases)
		return read_json(r, err);
	if (r->text[blank] == '[')
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s is a JSON array: JSON Lines, an object a line, are wanted "
				     "(jq -c '.[]' makes them)",
				     r->what);
	if (r->source->field)
		return r->text[blank] == '{' ? ohc_bake_list_json_lines(r, err)
					     : ohc_bake_list_csv(r, err);
	if (r->text[blank] == '{')
		return ohc_error_set(err, OHC_E_USAGE,
				     "%s is JSON Lines: --base-field says which member is the base",
				     r->what);
	return read_names(r, err);
}

/* Excel and PowerShell begin a text with a byte order mark; what they call Unicode is UTF-16. */
static int check_text(struct ohc_bake_reading *r, struct ohc_error *err)
{
	struct ohc_bake_place nul = { .line = 1 };

	if (strncmp(r->text, "\xff\xfe", 2) == 0 || strncmp(r->text, "\xfe\xff", 2) == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s is UTF-16: UTF-8 is wanted", r->what);
	if (strncmp(r->text, "\xef\xbb\xbf", 3) == 0) {
		r->text += 3;
		r->n -= 3;
	}
	nul.start = r->text;
	nul.at = r->text + strlen(r->text);
	if (nul.at == r->text + r->n)
		return 0;
	for (const char *p = r->text; p < nul.at; p++) {
		nul.line += *p == '\n';
		nul.start = *p == '\n' ? p + 1 : nul.start;
	}
	return ohc_bake_reading_wrong(r, &nul, err, "a NUL byte: it is no text");
}

/* Some spreadsheets end each line with a CR alone. */
static void end_lines(struct ohc_buf *text)
{
	if (text->len == 0 || memchr(text->data, '\n', text->len))
		return;
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\r')
			text->data[i] = '\n';
}

/* Whoever wrote names or a CSV into the pipe may have ended early, and a name that is cut short may
 * be another image's.  JSON shows that by itself. */
static void warn_cut(const struct ohc_bake_reading *r)
{
	const bool json = r->text[strspn(r->text, " \t\r\n")] == '{';

	if (r->source->bases && !json && strcmp(r->source->file, "-") == 0 &&
	    r->text[r->n - 1] != '\n')
		ohc_report_say(r->source->report, OHC_WARNING,
			       "%s ends without a line break: its last line may be cut short",
			       r->what);
}

int ohc_bake_list_read(const struct ohc_bake_source *source,
		       const struct ohc_bake_settings *defaults, struct ohc_bake_list *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct ohc_bake_reading r = {
		.source = source, .defaults = defaults, .list = ret, .seen = seen
	};
	int rc = ohc_file_read(source->file, OHC_BAKE_LIST_MAX, &text, err);

	if (rc < 0)
		return rc;
	r.shared = ohc_map_new();
	ret->what = strcmp(source->file, "-") == 0 ? ohc_xstrdup("list on standard input")
						   : ohc_xasprintf("list '%s'", source->file);
	r.what = ret->what;
	end_lines(&text);
	r.text = ohc_buf_str(&text);
	r.n = text.len;
	rc = check_text(&r, err);
	if (rc == 0)
		rc = read_text(&r, err);
	ohc_map_free(r.shared);
	ohc_alloc_trim(); /* parsed JSON is many times what is kept of it */
	if (rc == 0 && ret->n == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s names no image", r.what);
	if (rc == 0)
		warn_cut(&r);
	return rc;
}

void ohc_bake_list_clear(struct ohc_bake_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct ohc_bake_image *image = &list->v[i];

		if (image->shares) {
			free(image->settings.base);
			free(image->settings.dest);
		} else {
			ohc_bake_settings_clear(&image->settings);
		}
		free(image->where);
		if (image->again)
			image->again->free(image->again);
	}
	for (size_t i = 0; i < list->n_shared; i++) {
		ohc_bake_settings_clear(list->shared[i]);
		free(list->shared[i]);
	}
	free(list->shared);
	free(list->v);
	free(list->what);
	*list = (struct ohc_bake_list){ .v = NULL };
}
