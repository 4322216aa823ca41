// SPDX-License-Identifier: Apache-2.0
#include "registry/scope.h"

#include <string.h>

#include "core/alloc.h"

#define SCOPE_MAX  1024
#define SCOPES_MAX 16

/* The length of the resource ("repository:a/b"); 0: not a scope. */
static size_t resource(const char *scope)
{
	const char *colon = strrchr(scope, ':');

	for (const char *p = scope; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return 0;
	if (!colon || colon == strchr(scope, ':') || !colon[1] || strlen(scope) > SCOPE_MAX)
		return 0;
	return (size_t)(colon - scope);
}

static bool has_action(const char *actions, const char *action, size_t n)
{
	while (*actions) {
		size_t len = strcspn(actions, ",");

		if ((len == n && memcmp(actions, action, n) == 0) || (len == 1 && *actions == '*'))
			return true;
		actions += len + (actions[len] == ',');
	}
	return false;
}

static char **find(const struct ohc_strv *list, const char *scope, size_t n)
{
	for (size_t i = 0; i < list->n; i++)
		if (resource(list->v[i]) == n && memcmp(list->v[i], scope, n) == 0)
			return &list->v[i];
	return NULL;
}

static bool covers(const char *have, const char *want, size_t n)
{
	for (const char *p = want + n + 1; *p;) {
		size_t len = strcspn(p, ",");

		if (!has_action(have + n + 1, p, len))
			return false;
		p += len + (p[len] == ',');
	}
	return true;
}

bool ohc_scope_covers(const struct ohc_strv *have, const struct ohc_strv *want)
{
	for (size_t i = 0; i < want->n; i++) {
		size_t n = resource(want->v[i]);
		char **h = n ? find(have, want->v[i], n) : NULL;

		if (!h || !covers(*h, want->v[i], n))
			return false;
	}
	return true;
}

void ohc_scope_add(struct ohc_strv *list, const char *scope)
{
	size_t n = resource(scope);
	char **have, *joined;

	if (!n)
		return;
	have = find(list, scope, n);
	if (!have) {
		if (list->n < SCOPES_MAX)
			ohc_strv_add(list, scope);
		return;
	}
	for (const char *p = scope + n + 1; *p;) {
		size_t len = strcspn(p, ",");

		if (len && !has_action(*have + n + 1, p, len)) {
			joined = ohc_xasprintf("%s,%.*s", *have, (int)len, p);
			free(*have);
			*have = joined;
		}
		p += len + (p[len] == ',');
	}
}
