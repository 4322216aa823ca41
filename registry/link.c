// SPDX-License-Identifier: Apache-2.0
#include "registry/link.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

/* The end of one link's parameters: a comma outside of quotes. */
static const char *end_of(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || *p != ','); p++)
		if (*p == '"')
			quoted = !quoted;
	return p;
}

/* Whether one parameter is rel=next; of several relation types in quotes, one must be. */
static bool is_next(const char *p, size_t n)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xstrndup(p, n);
	char *save = NULL, *v = text + strspn(text, " \t");

	if (strncasecmp(v, "rel", 3) != 0)
		return false;
	v += 3 + strspn(v + 3, " \t");
	if (*v != '=')
		return false;
	for (v = strtok_r(v + 1, " \t\"", &save); v; v = strtok_r(NULL, " \t\"", &save))
		if (strcasecmp(v, "next") == 0)
			return true;
	return false;
}

char *ohc_link_next(const char *p)
{
	while ((p = strchr(p, '<'))) {
		const char *close = strchr(++p, '>'), *end, *q;

		if (!close)
			return NULL;
		end = end_of(close + 1);
		for (q = close + 1; q < end;) {
			size_t n;

			q += strspn(q, " \t;");
			n = strcspn(q, ";");
			if (n > (size_t)(end - q))
				n = (size_t)(end - q);
			if (is_next(q, n))
				return ohc_xstrndup(p, (size_t)(close - p));
			q += n;
		}
		p = end;
	}
	return NULL;
}
