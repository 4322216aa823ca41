// SPDX-License-Identifier: Apache-2.0
#include "registry/jwt.h"

#include <string.h>

#include "core/alloc.h"
#include "core/base64.h"
#include "oci/documents/json.h"

/* Decodes the claims: the second of three parts between dots, in base64url (RFC 7519, 3.1; RFC
 * 4648, 5). */
static json_t *claims_of(const char *token)
{
	const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	ohc_cleanup(ohc_freep) char *part = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	json_t *claims = NULL;
	size_t n = 0;

	if (!second)
		return NULL;
	part = ohc_xstrndup(first + 1, (size_t)(second - first - 1));
	for (char *p = part; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	text = ohc_base64_decode(part, &n);
	if (!text || ohc_json_parse(text, n, "", &claims, NULL) < 0)
		return NULL;
	return claims;
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool allows(const json_t *entry, const char *repo, const char *action)
{
	const json_t *a;
	size_t i;

	if (!is_text(json_object_get(entry, "type"), "repository") ||
	    !is_text(json_object_get(entry, "name"), repo))
		return false;
	json_array_foreach (json_object_get(entry, "actions"), i, a)
		if (is_text(a, action) || is_text(a, "*"))
			return true;
	return false;
}

bool ohc_jwt_grants(const char *token, const char *repo, const char *action)
{
	ohc_cleanup(ohc_json_decref) json_t *claims = claims_of(token);
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(claims, "access"), i, entry)
		if (allows(entry, repo, action))
			return true;
	return false;
}
