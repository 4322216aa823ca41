// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/list.h"

#include <string.h>

#include "compose/bake/list_internal.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/set.h"

static struct ohc_bake_image *add_image(struct ohc_bake_list *list)
{
	/* Grows by half, because a list may have thousands. */
	if ((list->n & (list->n - 1)) == 0)
		list->v = ohc_xrealloc(list->v, list->n ? 2 * list->n : 1, sizeof(*list->v));
	memset(&list->v[list->n], 0, sizeof(*list->v));
	return &list->v[list->n++];
}

int ohc_bake_reading_base(struct ohc_bake_reading *r, const char *base, size_t n, size_t line,
			  struct ohc_error *err)
{
	struct ohc_bake_settings row = OHC_BAKE_SETTINGS_INIT;
	struct ohc_bake_image *image;

	while (n && strchr(" \t\r", base[n - 1]))
		n--;
	for (; n && (*base == ' ' || *base == '\t'); n--)
		base++;
	if (n == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: line %zu: there is no name of a base",
				     r->what, line);
	row.base = ohc_xstrndup(base, n);
	if (!ohc_set_add(r->seen, row.base)) {
		r->list->repeated++;
		free(row.base);
		return 0;
	}
	image = add_image(r->list);
	image->where = ohc_xasprintf("line %zu", line);
	ohc_bake_settings_join(r->defaults, &row, &image->settings);
	free(row.base);
	return 0;
}

static const char *const list_members[] = { "$schema", "images", NULL };

/* An element of "images": an object, or the name of a base alone. */
static int read_image(struct ohc_bake_reading *r, struct ohc_reader *reader, json_t *v, size_t i,
		      const struct ohc_bake_settings *all)
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
	image->where = ohc_xstrdup(where);
	ohc_bake_settings_join(all, &one, &image->settings);
	return 0;
}

static int read_images(struct ohc_bake_reading *r, struct ohc_reader *reader, json_t *doc)
{
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings top = OHC_BAKE_SETTINGS_INIT;
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings all = OHC_BAKE_SETTINGS_INIT;
	json_t *images = json_object_get(doc, "images"), *v;
	int rc = ohc_bake_settings_read(reader, doc, "", list_members, &top);
	size_t i;

	if (rc < 0)
		return rc;
	if (!json_is_array(images))
		return ohc_json_member_wrong(reader, "'images'",
					     images ? "is not an array" : "is missing");
	ohc_bake_settings_join(r->defaults, &top, &all);
	json_array_foreach (images, i, v) {
		rc = read_image(r, reader, v, i, &all);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_json(struct ohc_bake_reading *r, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader reader = { .what = r->what, .err = err, .text = r->text, .n_text = r->n };
	int rc = ohc_json_parse(r->text, r->n, r->what, &doc, err);

	return rc < 0 ? rc : read_images(r, &reader, doc);
}

static int read_names(struct ohc_bake_reading *r, struct ohc_error *err)
{
	const char *p = r->text, *end = r->text + r->n;
	int rc = 0;

	for (size_t line = 1; rc == 0 && p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		size_t n = (size_t)(stop - p);

		for (size_t i = 0; i < n; i++)
			if (p[i] == '#' && (i == 0 || p[i - 1] == ' ' || p[i - 1] == '\t'))
				n = i;
		while (n && strchr(" \t\r", p[n - 1]))
			n--;
		if (n)
			rc = ohc_bake_reading_base(r, p, n, line, err);
		p = nl ? nl + 1 : end;
	}
	return rc;
}

static int read_text(struct ohc_bake_reading *r, struct ohc_error *err)
{
	size_t blank = strspn(r->text, " \t\r\n");

	if (!r->source->bases)
		return read_json(r, err);
	if (r->source->field)
		return r->text[blank] == '{' ? ohc_bake_list_json_lines(r, err)
					     : ohc_bake_list_csv(r, err);
	if (r->text[blank] == '{')
		return ohc_error_set(err, OHC_E_USAGE,
				     "%s is JSON Lines: --base-field says which member is the base",
				     r->what);
	return read_names(r, err);
}

int ohc_bake_list_read(const struct ohc_bake_source *source,
		       const struct ohc_bake_settings *defaults, struct ohc_bake_list *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = strcmp(source->file, "-") == 0
						    ? ohc_xstrdup("list on standard input")
						    : ohc_xasprintf("list '%s'", source->file);
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct ohc_bake_reading r = {
		.source = source, .defaults = defaults, .list = ret, .what = what, .seen = seen
	};
	int rc = ohc_file_read(source->file, OHC_BAKE_LIST_MAX, &text, err);

	if (rc < 0)
		return rc;
	r.text = ohc_buf_str(&text);
	r.n = text.len;
	if (strlen(r.text) != r.n)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has a NUL byte in it", what);
	rc = read_text(&r, err);
	if (rc == 0 && ret->n == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s names no image", what);
	return rc;
}

void ohc_bake_list_clear(struct ohc_bake_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		ohc_bake_settings_clear(&list->v[i].settings);
		free(list->v[i].where);
		if (list->v[i].again)
			list->v[i].again->free(list->v[i].again);
	}
	free(list->v);
	*list = (struct ohc_bake_list){ .v = NULL };
}
