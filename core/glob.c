// SPDX-License-Identifier: Apache-2.0
#include "core/glob.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/path.h"

static bool match_one(const char *pattern, size_t np, const char *name, size_t nn)
{
	char p[PATH_MAX], n[PATH_MAX];

	if (np >= sizeof(p) || nn >= sizeof(n))
		return false;
	snprintf(p, sizeof(p), "%.*s", (int)np, pattern);
	snprintf(n, sizeof(n), "%.*s", (int)nn, name);
	return fnmatch(p, n, 0) == 0;
}

static const char *behind(const char *s, size_t n)
{
	return s[n] == '/' ? s + n + 1 : s + n;
}

/* Where a component did not match, the last "**" takes one component more, and all is tried from
 * there: only the last one need be remembered. */
static bool match_path(const char *pattern, const char *path)
{
	const char *again_pattern = NULL, *again_path = NULL;

	while (*path) {
		size_t np = strcspn(pattern, "/"), nn = strcspn(path, "/");

		if (np == 2 && strncmp(pattern, "**", 2) == 0) {
			pattern = again_pattern = behind(pattern, np);
			again_path = path;
			if (!*pattern)
				return true;
		} else if (np && match_one(pattern, np, path, nn)) {
			pattern = behind(pattern, np);
			path = behind(path, nn);
		} else if (again_pattern) {
			again_path = behind(again_path, strcspn(again_path, "/"));
			pattern = again_pattern;
			path = again_path;
		} else {
			return false;
		}
	}
	return !*pattern;
}

bool ohc_glob_is_pattern(const char *pattern)
{
	size_t n = strlen(pattern), stop = 0;
	struct ohc_path_part part;

	while (n && pattern[n - 1 - stop] == '\\' && ++stop < n)
		;
	if (n == 0 || n >= PATH_MAX || stop % 2)
		return false;
	while (ohc_path_next(&pattern, &part))
		if (part.kind != OHC_PATH_NAME)
			return false;
	return true;
}

bool ohc_glob(const char *pattern, const char *path)
{
	char p[PATH_MAX];
	size_t n = strlen(pattern);
	const char *name = strrchr(path, '/');

	if (n >= sizeof(p))
		return false;
	while (n > 1 && pattern[n - 1] == '/')
		n--;
	snprintf(p, sizeof(p), "%.*s", (int)n, pattern);
	if (!strchr(p, '/') && strcmp(p, "**") != 0)
		return match_one(p, n, name ? name + 1 : path, strlen(name ? name + 1 : path));
	return match_path(*p == '/' ? p + 1 : p, path);
}

bool ohc_glob_any(const struct ohc_strv *patterns, const char *path)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (ohc_glob(patterns->v[i], path))
			return true;
	return false;
}
