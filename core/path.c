// SPDX-License-Identifier: Apache-2.0
#include "core/path.h"

#include <string.h>

#include "core/alloc.h"

const char *ohc_path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

bool ohc_path_is_in(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || ohc_path_below(path, dir);
}

bool ohc_path_has_whiteout(const char *path)
{
	const char *s = path;

	while (s && strncmp(s, ".wh.", 4) != 0) {
		s = strchr(s, '/');
		s = s ? s + 1 : NULL;
	}
	return s;
}

int ohc_path_compare(const char *a, bool a_is_dir, const char *b, bool b_is_dir)
{
	unsigned char c, d;

	while (*a && *a == *b)
		a++, b++;
	c = *a ? (unsigned char)*a : a_is_dir ? '/' : '\0';
	d = *b ? (unsigned char)*b : b_is_dir ? '/' : '\0';
	/* "a/" itself comes before "a/b". */
	return c != d ? c - d : !!*a - !!*b;
}

const char *ohc_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *ohc_path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ohc_xstrdup(".");
	return slash == path ? ohc_xstrdup("/") : ohc_xstrndup(path, (size_t)(slash - path));
}
