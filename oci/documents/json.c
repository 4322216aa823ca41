// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/json.h"

#include <stdbool.h>
#include <string.h>

#include "core/buf.h"
#include "core/utf8.h"

void ohc_json_decref(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}

/* Passes by the rest of a string, and its '"'. */
static const char *behind_string(const char *s, const char *end)
{
	while (s < end && *s != '"')
		s += *s == '\\' && s + 1 < end ? 2 : 1;
	return s < end ? s + 1 : end;
}

/* Every value stands behind a '[', a '{' or a ','.
 * A document that is no JSON is counted anyhow. */
static bool has_too_many(const char *s, size_t n, size_t max)
{
	const char *end = s + n;
	size_t values = 0;

	if (n <= max) /* each value takes a byte */
		return false;
	while (s < end) {
		char c = *s++;

		values += c == '[' || c == '{' || c == ',';
		if (c == '"')
			s = behind_string(s, end);
	}
	return values > max;
}

/* Of a document: how messages speak of it. */
struct document {
	const char *what;
	size_t line; /* of a file that has a document a line; 0: it is all of the file */
	bool secret;
	size_t max; /* values */
};

static int no_json(const struct document *d, const json_error_t *je, struct ohc_error *err)
{
	const int column = je->column > 0 ? je->column : 1;

	/* Jansson counts the lines of what it is given. */
	if (d->line)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: line %zu, column %d: no valid JSON: %s", d->what, d->line,
				     column, je->text);
	return ohc_error_set(err, OHC_E_FORMAT, "%s is not valid JSON: line %d, column %d%s%s",
			     d->what, je->line, column, d->secret ? "" : ": ",
			     d->secret ? "" : je->text);
}

static int load(const void *bytes, size_t n, const struct document *d, json_t **ret,
		struct ohc_error *err)
{
	const bool too_many = has_too_many(bytes, n, d->max);
	json_error_t je;

	if (too_many && d->line)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: line %zu has more than %zu JSON values", d->what, d->line,
				     d->max);
	if (too_many)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has more than %zu JSON values", d->what,
				     d->max);
	*ret = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &je);
	return *ret ? 0 : no_json(d, &je, err);
}

static int parse(const void *bytes, size_t n, const struct document *d, json_t **ret,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = load(bytes, n, d, &doc, err);

	if (rc < 0)
		return rc;
	if (!json_is_object(doc) && d->line)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: line %zu, column 1: no JSON object",
				     d->what, d->line);
	if (!json_is_object(doc))
		return ohc_error_set(err, OHC_E_FORMAT, "%s is not a JSON object", d->what);
	*ret = ohc_take(doc);
	return 0;
}

int ohc_json_parse(const void *bytes, size_t n, const char *what, json_t **ret,
		   struct ohc_error *err)
{
	return ohc_json_parse_long(bytes, n, OHC_JSON_VALUES_MAX, what, ret, err);
}

int ohc_json_parse_long(const void *bytes, size_t n, size_t max, const char *what, json_t **ret,
			struct ohc_error *err)
{
	const struct document d = { .what = what, .max = max };

	return parse(bytes, n, &d, ret, err);
}

int ohc_json_parse_line(const void *bytes, size_t n, const char *what, size_t line, json_t **ret,
			struct ohc_error *err)
{
	const struct document d = { .what = what, .line = line, .max = OHC_JSON_VALUES_MAX };

	return parse(bytes, n, &d, ret, err);
}

int ohc_json_parse_secret(const void *bytes, size_t n, const char *what, json_t **ret,
			  struct ohc_error *err)
{
	const struct document d = { .what = what, .secret = true, .max = OHC_JSON_VALUES_MAX };

	return parse(bytes, n, &d, ret, err);
}

int ohc_json_parse_list(const void *bytes, size_t n, const char *what, json_t **ret,
			struct ohc_error *err)
{
	const struct document d = { .what = what, .max = OHC_JSON_VALUES_MAX };
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = load(bytes, n, &d, &doc, err);
	json_t *item;
	size_t i;

	if (rc < 0)
		return rc;
	if (!json_is_array(doc))
		return ohc_error_set(err, OHC_E_FORMAT, "%s is not a JSON array", what);
	json_array_foreach (doc, i, item)
		if (!json_is_object(item))
			return ohc_error_set(err, OHC_E_FORMAT, "%s: [%zu] is not a JSON object",
					     what, i);
	*ret = ohc_take(doc);
	return 0;
}

int ohc_json_check_text(const char *text, size_t n, size_t max, const char *what,
			struct ohc_error *err)
{
	if (n > max)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "%s would have %zu bytes, and could not be read again: the "
				     "limit is %zu",
				     what, n, max);
	if (has_too_many(text, n, OHC_JSON_VALUES_MAX))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "%s would have more than %d JSON values, and could not be "
				     "read again",
				     what, OHC_JSON_VALUES_MAX);
	return 0;
}

/* Documents of json_loadb() or our own code can always be written, unless memory is missing. */
static char *dump(const json_t *doc, size_t flags)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_ENCODE_ANY | flags);

	if (!text)
		abort();
	return text;
}

char *ohc_json_text(const json_t *doc)
{
	return dump(doc, 0);
}

char *ohc_json_canonical(const json_t *doc)
{
	return dump(doc, JSON_SORT_KEYS);
}

json_t *ohc_json_text_value(const char *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf plain = OHC_BUF_INIT;
	json_t *value = json_string(text);
	uint32_t c;
	size_t n;

	if (value)
		return value;
	for (const char *s = text; *s; s += n ? n : 1) {
		n = ohc_utf8_decode(s, &c);
		if (n)
			ohc_buf_add(&plain, s, n);
		else
			ohc_buf_addf(&plain, "\\x%02x", (unsigned char)*s);
	}
	return json_string(ohc_buf_str(&plain));
}

json_t *ohc_json_texts(const struct ohc_strv *list)
{
	json_t *array = json_array();

	for (size_t i = 0; list && i < list->n; i++)
		json_array_append_new(array, ohc_json_text_value(list->v[i]));
	return array;
}

int ohc_json_set_text(json_t *obj, const char *key, const char *text, const char *what,
		      struct ohc_error *err)
{
	if (json_object_set_new(obj, key, json_string(text)) < 0)
		return ohc_error_set(err, OHC_E_USAGE, "the %s is not valid UTF-8", what);
	return 0;
}

static int wrong_type(const char *key, const char *what, const char *type, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: '%s' is not %s", what, key, type);
}

int ohc_json_string(const json_t *obj, const char *key, const char *what, const char **ret,
		    struct ohc_error *err)
{
	json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return wrong_type(key, what, "a string", err);
	*ret = json_string_value(v);
	return 0;
}

int ohc_json_object(const json_t *obj, const char *key, const char *what, json_t **ret,
		    struct ohc_error *err)
{
	json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_object(v))
		return wrong_type(key, what, "an object", err);
	*ret = v;
	return 0;
}

int ohc_json_array(const json_t *obj, const char *key, const char *what, json_t **ret,
		   struct ohc_error *err)
{
	json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_array(v))
		return wrong_type(key, what, "an array", err);
	*ret = v;
	return 0;
}

json_t *ohc_json_make_object(json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	if (json_is_object(v))
		return v;
	v = json_object();
	json_object_set_new(obj, key, v);
	return v;
}

int ohc_json_check_spelling(const json_t *obj, const char *const *keys, const char *what,
			    struct ohc_error *err)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)obj, key, v)
		for (const char *const *known = keys; *known; known++)
			if (strcasecmp(key, *known) == 0 && strcmp(key, *known) != 0)
				return ohc_error_set(err, OHC_E_FORMAT,
						     "%s has '%s', which some tools take for '%s'",
						     what, key, *known);
	return 0;
}
