// SPDX-License-Identifier: Apache-2.0
#include "registry/link.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

#define BLANKS " \t"

/* Finds the first of the stops that is not inside of quotes or brackets. */
static const char *up_to(const char *p, const char *stops)
{
	char inside = 0;

	for (; *p && (inside || !strchr(stops, *p)); p++)
		if (inside == '"' && *p == '\\' && p[1])
			p++;
		else if (inside && *p == inside)
			inside = 0;
		else if (!inside && (*p == '"' || *p == '<'))
			inside = *p == '<' ? '>' : '"';
	return p;
}

/* Is the parameter rel=next? of several relation types in quotes, one must be. */
static bool is_next(const char *p, size_t n)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xstrndup(p, n);
	char *save = NULL, *v = text + strspn(text, BLANKS);

	if (strncasecmp(v, "rel", 3) != 0)
		return false;
	v += 3 + strspn(v + 3, BLANKS);
	if (*v != '=')
		return false;
	for (v = strtok_r(v + 1, BLANKS "\"", &save); v; v = strtok_r(NULL, BLANKS "\"", &save))
		if (strcasecmp(v, "next") == 0)
			return true;
	return false;
}

static bool has_next(const char *p, const char *end)
{
	while (p < end) {
		const char *stop = up_to(p, ";,");

		if (is_next(p, (size_t)(stop - p)))
			return true;
		p = stop + 1;
	}
	return false;
}

/* Parses one link: "<target>; param; param".  A target without brackets cannot be read: there is a
 * next page, but no address. */
static enum ohc_link one(const char *p, const char *end, char **ret)
{
	const char *close = *p == '<' ? memchr(p, '>', (size_t)(end - p)) : NULL;

	if (!close)
		return has_next(p, end) || *p == '<' ? OHC_LINK_BROKEN : OHC_LINK_NONE;
	if (!has_next(close + 1, end))
		return OHC_LINK_NONE;
	*ret = ohc_xstrndup(p + 1, (size_t)(close - p - 1));
	return OHC_LINK_NEXT;
}

enum ohc_link ohc_link_next(const char *value, char **ret)
{
	enum ohc_link found = OHC_LINK_NONE;
	const char *p = value, *end;

	while (found == OHC_LINK_NONE && *p) {
		p += strspn(p, BLANKS ",");
		end = up_to(p, ",");
		found = one(p, end, ret);
		p = end;
	}
	return found;
}
