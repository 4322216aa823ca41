// SPDX-License-Identifier: Apache-2.0
/* requires.txt of an egg (setuptools' pkg_resources, split_sections()): a requirement a line, in
 * sections. */
#include "layout/python/requirement.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

/* As many as site.c reads of METADATA. */
#define REQUIRES_MAX 4096

struct section {
	char *extra, *marker; /* or NULL */
};

static void section_clear(struct section *s)
{
	free(s->extra);
	free(s->marker);
	*s = (struct section){ NULL, NULL };
}

/* Reads the section's name between the brackets. */
static void begin_section(struct section *s, const char *text, size_t n)
{
	const char *colon = memchr(text, ':', n);
	size_t extra = colon ? (size_t)(colon - text) : n;

	section_clear(s);
	if (extra)
		s->extra = ohc_xstrndup(text, extra);
	if (colon && extra + 1 < n)
		s->marker = ohc_xstrndup(colon + 1, n - extra - 1);
}

/* The space keeps a ';' out of a URL. */
static void add_requirement(const struct section *s, const char *line, struct ohc_strv *ret)
{
	const char *own = strstr(line, " ;")  ? strstr(line, " ;") + 1
			  : strchr(line, '@') ? NULL
					      : strchr(line, ';');
	size_t n = own ? (size_t)(own - line) : strlen(line);
	struct ohc_buf b = OHC_BUF_INIT;
	const char *and = "";

	ohc_buf_add(&b, line, n);
	if (own || s->extra || s->marker)
		ohc_buf_adds(&b, " ; ");
	if (own) {
		ohc_buf_addf(&b, "(%s)", own + 1);
		and = " and ";
	}
	if (s->marker) {
		ohc_buf_addf(&b, "%s(%s)", and, s->marker);
		and = " and ";
	}
	if (s->extra)
		ohc_buf_addf(&b, "%sextra == '%s'", and, s->extra);
	ohc_strv_take(ret, ohc_buf_detach(&b));
}

static char *strip(char *line)
{
	size_t n;

	line += strspn(line, " \t\r");
	for (n = strlen(line); n && strchr(" \t\r", line[n - 1]); n--)
		;
	line[n] = '\0';
	return line;
}

void ohc_python_requires_txt(const char *text, size_t n, struct ohc_strv *ret)
{
	ohc_cleanup(section_clear) struct section section = { NULL, NULL };
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrndup(text, n);
	char *line, *rest = NULL;

	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t len;

		line = strip(line);
		len = strlen(line);
		if (*line == '[' && line[len - 1] == ']')
			begin_section(&section, line + 1, len - 2);
		else if (*line && *line != '#' && ret->n < REQUIRES_MAX)
			add_requirement(&section, line, ret);
	}
}
