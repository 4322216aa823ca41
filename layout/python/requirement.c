// SPDX-License-Identifier: Apache-2.0
#include "layout/python/requirement.h"

#include <ctype.h>
#include <string.h>

#include "core/alloc.h"

char *ohc_python_normalize(const char *name, size_t n)
{
	char *out = ohc_xmalloc(n + 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		bool dash = strchr("-_.", name[i]) != NULL;

		if (dash && to > out && to[-1] == '-')
			continue;
		*to++ = dash ? '-' : (char)tolower((unsigned char)name[i]);
	}
	*to = '\0';
	return out;
}

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t");
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (n && s[n] && strchr("-_.", s[n])))
		n++;
	while (n && !isalnum((unsigned char)s[n - 1]))
		n--;
	return n;
}

static bool parse_extras(const char **text, struct ohc_strv *ret)
{
	const char *s = skip_space(*text);

	if (*s != '[')
		return true;
	s = skip_space(s + 1);
	while (*s != ']') {
		size_t n = name_length(s);

		if (n == 0)
			return false;
		ohc_strv_take(ret, ohc_python_normalize(s, n));
		s = skip_space(s + n);
		if (*s == ',')
			s = skip_space(s + 1);
		else if (*s != ']')
			return false;
	}
	*text = s + 1;
	return true;
}

/* Reads the versions, in parentheses or not, up to the marker.  A URL ends at " ;", since it may
 * have a ';'. */
static bool parse_specifiers(const char **text, char **ret)
{
	const char *s = skip_space(*text), *end;

	if (*s == '@') {
		end = strstr(s, " ;");
		*ret = ohc_xstrdup("");
		*text = end ? end + 1 : s + strlen(s);
		return true;
	}
	if (*s == '(') {
		end = strchr(s, ')');
		if (!end)
			return false;
		*ret = ohc_xstrndup(s + 1, (size_t)(end - s - 1));
		*text = skip_space(end + 1);
		return true;
	}
	end = s + strcspn(s, ";");
	*ret = ohc_xstrndup(s, (size_t)(end - s));
	*text = end;
	return true;
}

bool ohc_python_requirement_parse(const char *text, struct ohc_python_requirement *ret)
{
	ohc_cleanup(
		ohc_python_requirement_clear) struct ohc_python_requirement r = { .name = NULL };
	const char *s = skip_space(text);
	size_t n = name_length(s);

	if (n == 0)
		return false;
	r.name = ohc_python_normalize(s, n);
	s += n;
	if (!parse_extras(&s, &r.extras) || !parse_specifiers(&s, &r.specifiers))
		return false;
	if (*s && *s != ';')
		return false;
	r.marker = ohc_xstrdup(*s ? skip_space(s + 1) : "");
	*ret = r;
	memset(&r, 0, sizeof(r));
	return true;
}

void ohc_python_requirement_clear(struct ohc_python_requirement *r)
{
	free(r->name);
	ohc_strv_clear(&r->extras);
	free(r->specifiers);
	free(r->marker);
	memset(r, 0, sizeof(*r));
}

const char *ohc_python_machine(const char *arch)
{
	static const char *const names[][2] = {
		{ "amd64", "x86_64" }, { "arm64", "aarch64" },       { "386", "i686" },
		{ "arm", "armv7l" },   { "loong64", "loongarch64" },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		if (strcmp(names[i][0], arch) == 0)
			return names[i][1];
	return arch;
}
