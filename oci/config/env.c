// SPDX-License-Identifier: Apache-2.0
/* The environment in a config, edited as Dockerfile's ENV does; the rules are in the header. */
#include "oci/config/config.h"

#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"

#define NAME_START OHC_ASCII_LETTERS "_"
#define NAME_CHARS NAME_START OHC_ASCII_DIGITS

static json_t *env_of(const json_t *config)
{
	return json_object_get(json_object_get(config, "config"), "Env");
}

static bool is_of(const char *entry, const char *name, size_t n)
{
	return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

static const char *find(const json_t *env, const char *name, size_t n)
{
	const char *found = NULL, *entry;
	const json_t *v;
	size_t i;

	json_array_foreach (env, i, v) {
		entry = json_string_value(v);
		if (entry && is_of(entry, name, n))
			found = entry + n + 1;
	}
	return found;
}

const char *ohc_config_get_env(const json_t *config, const char *name)
{
	return find(env_of(config), name, strlen(name));
}

json_t *ohc_config_env_list(const json_t *config)
{
	const json_t *env = env_of(config);

	return json_is_array(env) ? json_deep_copy(env) : json_array();
}

static void expand_name(const json_t *before, const char *name, size_t n, struct ohc_buf *out)
{
	const char *value = find(before, name, n);

	if (!value && n == 4 && memcmp(name, "PATH", 4) == 0)
		value = OHC_DEFAULT_PATH;
	ohc_buf_adds(out, value ? value : "");
}

/* s stands behind "${".  Returns what stands behind the '}'. */
static int expand_braces(const json_t *before, const char *s, const char *assignment,
			 struct ohc_buf *out, const char **ret, struct ohc_error *err)
{
	size_t n = strspn(s, NAME_CHARS);

	if (!strchr(s, '}'))
		return ohc_error_set(err, OHC_E_USAGE,
				     "variable '%s': \"${\" without its \"}\"; a plain dollar is "
				     "written \\$",
				     assignment);
	if (n == 0 || !strchr(NAME_START, *s) || s[n] != '}')
		return ohc_error_set(
			err, OHC_E_USAGE,
			"variable '%s': only a variable's name may stand in \"${...}\"",
			assignment);
	expand_name(before, s, n, out);
	*ret = s + n + 1;
	return 0;
}

/* Expands one element, up to ':' or the end, which *s then points at. */
static int expand_element(const json_t *before, const char **s, const char *assignment,
			  struct ohc_buf *out, bool *ret_expanded, struct ohc_error *err)
{
	bool expanded = false;
	const char *p = *s;
	size_t n;
	int rc;

	while (*p && *p != ':') {
		if (*p == '\\' && p[1] == '$') {
			ohc_buf_addc(out, '$');
			p += 2;
		} else if (*p == '$' && p[1] == '{') {
			rc = expand_braces(before, p + 2, assignment, out, &p, err);
			if (rc < 0)
				return rc;
			expanded = true;
		} else if (*p == '$' && p[1] && strchr(NAME_START, p[1])) {
			n = strspn(p + 1, NAME_CHARS);
			expand_name(before, p + 1, n, out);
			expanded = true;
			p += n + 1;
		} else {
			ohc_buf_addc(out, *p++);
		}
	}
	*s = p;
	*ret_expanded = expanded;
	return 0;
}

static int expand(const json_t *before, const char *value, const char *assignment,
		  struct ohc_buf *out, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf element = OHC_BUF_INIT;
	bool expanded, first = true;
	int rc;

	for (const char *s = value;; s++) {
		ohc_buf_truncate(&element, 0);
		rc = expand_element(before, &s, assignment, &element, &expanded, err);
		if (rc < 0)
			return rc;
		if (element.len > 0 || !expanded) {
			if (!first)
				ohc_buf_addc(out, ':');
			ohc_buf_add(out, ohc_buf_str(&element), element.len);
			first = false;
		}
		if (!*s)
			return 0;
	}
}

static int check_name(const char *name, size_t n, const char *assignment, struct ohc_error *err)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] <= ' ' || strchr("$\"'\\\177", name[i]))
			return ohc_error_set(err, OHC_E_USAGE,
					     "malformed name of a variable: '%.*s'", (int)n, name);
	if (n == 0)
		return ohc_error_set(err, OHC_E_USAGE, "variable '%s' has no name before its '='",
				     assignment);
	return 0;
}

/* Puts entry where name stands first, or at the end, and removes every other one. */
static void put(json_t *env, const char *name, size_t n, json_t *entry)
{
	const char *text;
	bool done = false;

	for (size_t i = 0; i < json_array_size(env);) {
		text = json_string_value(json_array_get(env, i));
		if (!text || !is_of(text, name, n)) {
			i++;
		} else if (!entry || done) {
			json_array_remove(env, i);
		} else {
			json_array_set(env, i++, entry);
			done = true;
		}
	}
	if (entry && !done)
		json_array_append(env, entry);
}

int ohc_config_env(json_t *config, const json_t *before, const char *assignment,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *entry = NULL;
	const char *equals = strchr(assignment, '=');
	json_t *inner, *env;
	size_t n;
	int rc;

	if (!equals)
		return ohc_error_set(err, OHC_E_USAGE,
				     "variable '%s' has no '=': NAME=VALUE is "
				     "wanted",
				     assignment);
	n = (size_t)(equals - assignment);
	rc = check_name(assignment, n, assignment, err);
	if (rc < 0)
		return rc;
	ohc_buf_add(&text, assignment, n + 1);
	rc = expand(before, equals + 1, assignment, &text, err);
	if (rc < 0)
		return rc;
	entry = json_stringn(ohc_buf_str(&text), text.len);
	if (!entry)
		return ohc_error_set(err, OHC_E_USAGE, "variable '%.*s' is not valid UTF-8", (int)n,
				     assignment);
	inner = ohc_json_make_object(config, "config");
	env = json_object_get(inner, "Env");
	if (!json_is_array(env)) {
		env = json_array();
		json_object_set_new(inner, "Env", env);
	}
	put(env, assignment, n, entry);
	return 0;
}

void ohc_config_unset_env(json_t *config, const char *name)
{
	json_t *env = env_of(config);

	put(env, name, strlen(name), NULL);
	if (json_is_array(env) && json_array_size(env) == 0)
		json_object_del(json_object_get(config, "config"), "Env");
}
