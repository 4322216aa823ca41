// SPDX-License-Identifier: Apache-2.0
#include "layout/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/alloc.h"

void ohc_findings_add(struct ohc_findings *list, enum ohc_finding_level level, const char *code,
		      const char *subject, const char *fmt, ...)
{
	struct ohc_finding f = { .level = level, .code = code, .subject = ohc_xstrdup(subject) };
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f.message = ohc_xstrdup(text);
	list->v = ohc_xrealloc(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = f;
}

void ohc_findings_clear(struct ohc_findings *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].subject);
		free(list->v[i].message);
	}
	free(list->v);
	*list = (struct ohc_findings)OHC_FINDINGS_INIT;
}

const char *ohc_finding_level_name(enum ohc_finding_level level)
{
	static const char *const names[] = { "ok", "warning", "error" };

	return names[level];
}

size_t ohc_findings_count(const struct ohc_findings *list, enum ohc_finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].level == level;
	return n;
}
