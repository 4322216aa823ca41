// SPDX-License-Identifier: Apache-2.0
#include "layout/check/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void ohc_findings_move(struct ohc_findings *to, struct ohc_findings *from)
{
	if (from->n == 0)
		return;
	to->v = ohc_xrealloc(to->v, to->n + from->n, sizeof(*to->v));
	memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
	to->n += from->n;
	free(from->v);
	*from = (struct ohc_findings)OHC_FINDINGS_INIT;
}

static int compare(const void *a, const void *b)
{
	const struct ohc_finding *x = a, *y = b;
	int c = (int)y->level - (int)x->level;

	if (c == 0)
		c = strcmp(x->code, y->code);
	if (c == 0)
		c = strcmp(x->subject, y->subject);
	return c ? c : strcmp(x->message, y->message);
}

void ohc_findings_sort(struct ohc_findings *list)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
	for (size_t i = 0; i < list->n; i++) {
		if (kept && compare(&list->v[kept - 1], &list->v[i]) == 0) {
			free(list->v[i].subject);
			free(list->v[i].message);
			continue;
		}
		list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

void ohc_finding_line(const struct ohc_finding *f, struct ohc_buf *out)
{
	ohc_buf_addf(out, "%s %s %s: %s", ohc_finding_level_name(f->level), f->code, f->subject,
		     f->message);
}

json_t *ohc_finding_json(const struct ohc_finding *f)
{
	json_t *j = json_object();

	json_object_set_new(j, "level", json_string(ohc_finding_level_name(f->level)));
	json_object_set_new(j, "code", json_string(f->code));
	json_object_set_new(j, "subject", ohc_json_text_value(f->subject));
	json_object_set_new(j, "message", ohc_json_text_value(f->message));
	return j;
}

const char *ohc_finding_level_name(enum ohc_finding_level level)
{
	static const char *const names[] = { "ok", "warning", "error" };

	return names[level];
}

bool ohc_findings_has(const struct ohc_findings *list, const char *code, const char *subject,
		      const char *message)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct ohc_finding *f = &list->v[i];

		if (strcmp(f->code, code) == 0 && (!subject || strcmp(f->subject, subject) == 0) &&
		    (!message || strcmp(f->message, message) == 0))
			return true;
	}
	return false;
}

size_t ohc_findings_count(const struct ohc_findings *list, enum ohc_finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].level == level;
	return n;
}
