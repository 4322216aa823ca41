// SPDX-License-Identifier: Apache-2.0
/* The expressions between "{{" and "}}": members, functions and pipes. */
#include "cmd/format_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

#define ARGS_MAX 8

int ohc_format_bad(struct ohc_format_state *f, const char *what, const char *near)
{
	return ohc_error_set(f->err, OHC_E_USAGE, "--format: %s near '%.40s'", what, near);
}

void ohc_format_write(struct ohc_buf *out, const json_t *v)
{
	json_t *item;
	size_t i;

	if (json_is_string(v)) {
		ohc_buf_adds(out, json_string_value(v));
	} else if (json_is_array(v)) {
		ohc_buf_adds(out, "[");
		json_array_foreach (v, i, item) {
			ohc_buf_adds(out, i ? " " : "");
			ohc_format_write(out, item);
		}
		ohc_buf_adds(out, "]");
	} else if (v) {
		ohc_cleanup(ohc_freep) char *text = ohc_json_text(v);

		ohc_buf_adds(out, text);
	}
}

/* Go's rule for truth: null, false, 0, and empty texts, lists and objects are false. */
bool ohc_format_is_true(const json_t *v)
{
	if (json_is_array(v))
		return json_array_size(v) > 0;
	if (json_is_object(v))
		return json_object_size(v) > 0;
	if (json_is_string(v))
		return json_string_length(v) > 0;
	return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0);
}

static json_t *member(json_t *object, const char *name, size_t n)
{
	const char *key;
	json_t *v;

	json_object_foreach (object, key, v)
		if (strlen(key) == n && strncasecmp(key, name, n) == 0)
			return v;
	return NULL;
}

static int no_member(struct ohc_format_state *f, json_t *object, const char *name, size_t n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf keys = OHC_BUF_INIT;
	const char *key;
	json_t *v;

	json_object_foreach (object, key, v) {
		ohc_buf_adds(&keys, keys.len ? ", " : "");
		ohc_buf_adds(&keys, key);
	}
	return ohc_error_set(
		f->err, OHC_E_NOT_FOUND, "--format: there is no '%.*s' here; there is %.600s",
		(int)(n < 60 ? n : 60), name, keys.len ? ohc_buf_str(&keys) : "nothing");
}

void ohc_format_skip_space(struct ohc_format_state *f)
{
	while (isspace((unsigned char)*f->at))
		f->at++;
}

size_t ohc_format_name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* .A.B, or . alone */
static int read_path(struct ohc_format_state *f, const struct ohc_format_scope *s, json_t **ret)
{
	json_t *v = s->dot;
	size_t n;

	while (*f->at == '.') {
		json_t *object = v;

		f->at++;
		n = ohc_format_name_length(f->at);
		if (n == 0)
			break;
		v = member(object, f->at, n);
		if (!v && s->live && !s->optional)
			return no_member(f, object, f->at, n);
		f->at += n;
	}
	*ret = json_incref(v);
	return 0;
}

static int read_string(struct ohc_format_state *f, json_t **ret)
{
	const char *begin = f->at;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	for (f->at++; *f->at && *f->at != '"'; f->at++) {
		char c = *f->at;

		if (c == '\\' && f->at[1])
			c = *++f->at == 'n' ? '\n' : *f->at == 't' ? '\t' : *f->at;
		ohc_buf_add(&text, &c, 1);
	}
	if (*f->at != '"')
		return ohc_format_bad(f, "a string does not end", begin);
	f->at++;
	*ret = ohc_json_text_value(ohc_buf_str(&text));
	return 0;
}

static int read_argument(struct ohc_format_state *f, const struct ohc_format_scope *s, json_t **ret)
{
	char *end;

	if (*f->at == '.')
		return read_path(f, s, ret);
	if (*f->at == '"')
		return read_string(f, ret);
	if (!isdigit((unsigned char)*f->at))
		return ohc_format_bad(f, "neither a member (.Name), a string nor a number", f->at);
	*ret = json_integer(strtol(f->at, &end, 10));
	f->at = end;
	return 0;
}

struct args {
	json_t *v[ARGS_MAX];
	size_t n;
};

static void args_clear(struct args *a)
{
	while (a->n > 0)
		json_decref(a->v[--a->n]);
}

static bool at_end(const struct ohc_format_state *f)
{
	return *f->at == '|' || strncmp(f->at, "}}", 2) == 0 || strncmp(f->at, "-}}", 3) == 0;
}

static int read_arguments(struct ohc_format_state *f, const struct ohc_format_scope *s,
			  struct args *a)
{
	int rc = 0;

	ohc_format_skip_space(f);
	while (rc == 0 && *f->at && !at_end(f)) {
		if (a->n == ARGS_MAX)
			return ohc_format_bad(f, "too many arguments", f->at);
		rc = read_argument(f, s, &a->v[a->n]);
		if (rc == 0)
			a->n++;
		ohc_format_skip_space(f);
	}
	return rc;
}

/* Each takes its own references, and may return NULL: null. */
static json_t *call_json(const struct args *a)
{
	ohc_cleanup(ohc_freep) char *text = a->v[0] ? ohc_json_text(a->v[0]) : NULL;

	return json_string(text ? text : "null");
}

static json_t *call_len(const struct args *a)
{
	const json_t *v = a->v[0];

	return json_integer((json_int_t)(json_is_array(v)    ? json_array_size(v)
					 : json_is_object(v) ? json_object_size(v)
					 : json_is_string(v) ? json_string_length(v)
							     : 0));
}

static json_t *call_index(const struct args *a)
{
	json_t *v = a->v[0];

	for (size_t i = 1; i < a->n; i++)
		v = json_is_string(a->v[i])
			    ? json_object_get(v, json_string_value(a->v[i]))
			    : json_array_get(v, (size_t)json_integer_value(a->v[i]));
	return json_incref(v);
}

static json_t *call_join(const struct args *a)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	const char *between = json_string_value(a->v[1]);
	json_t *item;
	size_t i;

	json_array_foreach (a->v[0], i, item) {
		ohc_buf_adds(&text, i && between ? between : "");
		ohc_format_write(&text, item);
	}
	return ohc_json_text_value(ohc_buf_str(&text));
}

static const struct function {
	const char *name;
	size_t min, max; /* arguments */
	json_t *(*call)(const struct args *a);
} functions[] = {
	{ "json", 1, 1, call_json },
	{ "len", 1, 1, call_len },
	{ "index", 2, ARGS_MAX, call_index },
	{ "join", 2, 2, call_join },
};

static const struct function *find_function(const char *name, size_t n)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(functions); i++)
		if (strlen(functions[i].name) == n && strncmp(functions[i].name, name, n) == 0)
			return &functions[i];
	return NULL;
}

/* A function with its arguments, or a value; `piped`, where there is one, is the last argument. */
static int read_command(struct ohc_format_state *f, const struct ohc_format_scope *s, json_t *piped,
			json_t **ret)
{
	ohc_cleanup(args_clear) struct args a = { .n = 0 };
	const char *begin = f->at;
	size_t n = ohc_format_name_length(f->at);
	const struct function *fn = n ? find_function(f->at, n) : NULL;
	struct ohc_format_scope mine = *s;
	int rc;

	if (fn) {
		f->at += n;
		mine.optional |= fn->call == call_index;
	}
	rc = read_arguments(f, &mine, &a);
	if (rc == 0 && piped && a.n < ARGS_MAX)
		a.v[a.n++] = json_incref(piped);
	if (rc < 0)
		return rc;
	if (fn ? a.n < fn->min || a.n > fn->max : a.n != 1)
		return ohc_format_bad(f, "that is not what can stand between '{{' and '}}'", begin);
	*ret = fn ? fn->call(&a) : json_incref(a.v[0]);
	return 0;
}

int ohc_format_read(struct ohc_format_state *f, const struct ohc_format_scope *s, json_t **ret)
{
	ohc_cleanup(ohc_json_decref) json_t *v = NULL;
	int rc;

	ohc_format_skip_space(f);
	rc = read_command(f, s, NULL, &v);
	while (rc == 0 && *f->at == '|') {
		ohc_cleanup(ohc_json_decref) json_t *before = v ? ohc_take(v) : json_null();

		f->at++;
		ohc_format_skip_space(f);
		rc = read_command(f, s, before, &v);
	}
	if (rc == 0)
		*ret = v ? ohc_take(v) : NULL;
	return rc;
}
