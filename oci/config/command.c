// SPDX-License-Identifier: Apache-2.0
/* Entrypoint and Cmd: Dockerfile's exec form and shell form. */
#include "oci/config/config.h"

#include <string.h>

static bool is_texts(const json_t *array)
{
	const json_t *v;
	size_t i;

	json_array_foreach (array, i, v)
		if (!json_is_string(v))
			return false;
	return json_is_array(array);
}

/* Dockerfile's two forms of a command, as an array. */
static int parse_command(const char *value, const char *what, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *array = NULL;
	const char *s = value + strspn(value, " \t\r\n");
	json_error_t je;

	array = json_loads(value, JSON_REJECT_DUPLICATES, &je);
	if (is_texts(array)) {
		*ret = ohc_take(array);
		return 0;
	}
	if (*s == '[' && s[1 + strspn(s + 1, " \t\r\n")] == '"')
		return ohc_error_set(err, OHC_E_USAGE,
				     "the %s '%s' is not a JSON array of strings: %s", what, value,
				     array ? "an element is no string" : je.text);
	json_decref(array);
	array = json_pack("[s, s]", "/bin/sh", "-c");
	if (json_array_append_new(array, json_string(value)) < 0)
		return ohc_error_set(err, OHC_E_USAGE, "the %s is not valid UTF-8", what);
	*ret = ohc_take(array);
	return 0;
}

static int set_command(json_t *config, const char *key, const char *what, const char *value,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *array = NULL;
	int rc = *value ? parse_command(value, what, &array, err) : 0;

	if (rc < 0)
		return rc;
	if (json_array_size(array) > 0)
		json_object_set(ohc_json_make_object(config, "config"), key, array);
	else
		json_object_del(json_object_get(config, "config"), key);
	return 0;
}

int ohc_config_entrypoint(json_t *config, const char *value, struct ohc_error *err)
{
	return set_command(config, "Entrypoint", "entrypoint", value, err);
}

int ohc_config_cmd(json_t *config, const char *value, struct ohc_error *err)
{
	return set_command(config, "Cmd", "command", value, err);
}
