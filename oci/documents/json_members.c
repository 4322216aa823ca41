// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/json_members.h"

#include <string.h>

#include "core/id.h"
#include "core/path.h"
#include "core/strv.h"
#include "core/suggest.h"
#include "oci/documents/json_position.h"

int ohc_json_member_wrong(const struct ohc_reader *r, const char *path, const char *why)
{
	ohc_cleanup(ohc_freep) char *plain = NULL;
	struct ohc_json_position at;

	if (!r->text)
		return ohc_error_set(r->err, OHC_E_FORMAT, "%s: %s %s", r->what, path, why);
	plain = *path == '\'' ? ohc_xstrndup(path + 1, strlen(path) - 2) : ohc_xstrdup(path);
	at = ohc_json_position(r->text, r->n_text, plain);
	return ohc_error_set(r->err, OHC_E_FORMAT, "%s: line %zu, column %zu: %s %s", r->what,
			     at.line, at.column, path, why);
}

static int unknown(struct ohc_reader *r, const char *where, const char *key,
		   const struct ohc_json_member *members, size_t n)
{
	struct ohc_suggestion s = { .word = key };
	ohc_cleanup(ohc_freep) char *why = NULL;

	for (size_t i = 0; i < n; i++)
		ohc_suggest(&s, members[i].key);
	if (s.best)
		why = ohc_xasprintf("is unknown, did you mean '%s'?", s.best);
	return ohc_json_member_wrong(r, where, why ? why : "is unknown");
}

int ohc_json_members_read(struct ohc_reader *r, json_t *obj, const char *path,
			  const struct ohc_json_member *members, size_t n)
{
	const char *key;
	json_t *v;
	size_t i;

	if (!json_is_object(obj)) {
		ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", path);

		return ohc_json_member_wrong(r, where, "is not an object");
	}
	json_object_foreach (obj, key, v) {
		ohc_cleanup(ohc_freep) char *where =
			ohc_xasprintf("'%s%s%s'", path, *path ? "." : "", key);
		int rc;

		for (i = 0; i < n; i++)
			if (strcmp(members[i].key, key) == 0)
				break;
		if (i == n)
			return unknown(r, where, key, members, n);
		if (json_is_null(v) && !r->exact)
			continue;
		rc = members[i].read(r, v, where, (char *)r->base + members[i].offset);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int ohc_json_member_text(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	char **s = to;

	if (!json_is_string(v))
		return ohc_json_member_wrong(r, path, "is not a string");
	free(*s);
	*s = ohc_xstrdup(json_string_value(v));
	return 0;
}

int ohc_json_member_bool(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	if (!json_is_boolean(v))
		return ohc_json_member_wrong(r, path, "is neither true nor false");
	*(bool *)to = json_is_true(v);
	return 0;
}

int ohc_json_member_id(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	json_int_t id = json_integer_value(v);

	if (!json_is_integer(v) || id < 0 || id > OHC_ID_MAX)
		return ohc_json_member_wrong(r, path, "is not a number from 0 to 4294967294");
	*(uint32_t *)to = (uint32_t)id;
	return 0;
}

int ohc_json_member_texts(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	json_t *element;
	size_t i;

	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path, "is not an array of strings");
	json_array_foreach (v, i, element) {
		if (!json_is_string(element))
			return ohc_json_member_wrong(r, path, "is not an array of strings");
		ohc_strv_add(to, json_string_value(element));
	}
	return 0;
}

int ohc_json_member_assignments(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const char *key;
	json_t *value;

	if (!json_is_object(v))
		return ohc_json_member_wrong(r, path, "is not an object of strings");
	json_object_foreach (v, key, value) {
		if (!json_is_string(value))
			return ohc_json_member_wrong(r, path, "is not an object of strings");
		if (!*key || strchr(key, '='))
			return ohc_json_member_wrong(r, path,
						     "has a key that is empty or has a '=' in it");
		ohc_strv_take(to, ohc_xasprintf("%s=%s", key, json_string_value(value)));
	}
	return 0;
}

int ohc_json_member_command(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv elements = OHC_STRV_INIT;
	int rc = ohc_json_member_texts(r, v, path, &elements);

	if (rc == 0)
		*(char **)to = ohc_json_text(v);
	return rc;
}

int ohc_json_member_path(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_text(r, v, path, to);

	if (rc == 0 && !ohc_path_is_normal(*(char **)to))
		return ohc_json_member_wrong(
			r, path,
			"is not a path that starts with '/' and has no '.', '..', name with .wh. "
			"in front, double or trailing '/' in it");
	return rc;
}

int ohc_json_member_paths(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_strv *list = to;
	int rc = ohc_json_member_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!ohc_path_is_normal(list->v[i]) || !list->v[i][1])
			return ohc_json_member_wrong(
				r, path, "has a path that is not absolute, or is not normal");
	return rc;
}
