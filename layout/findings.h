/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found about an image, good or bad: a level, a code that scripts can rely on, what it is
 * about, and a sentence that says what is the matter and what to do (CLI.md, "check").
 *
 *	ohc_findings_add(&list, OHC_FINDING_WARNING, "workspace-owner", "/workspace",
 *			 "belongs to %u:%u of the base: …", uid, gid);
 *	...
 *	ohc_findings_clear(&list);
 */
#ifndef OHC_LAYOUT_FINDINGS_H
#define OHC_LAYOUT_FINDINGS_H

#include <stddef.h>

enum ohc_finding_level {
	OHC_FINDING_OK,
	OHC_FINDING_WARNING,
	OHC_FINDING_ERROR,
};

struct ohc_finding {
	enum ohc_finding_level level;
	const char *code; /* a constant: "workspace-owner" */
	char *subject;
	char *message;
};

struct ohc_findings {
	struct ohc_finding *v;
	size_t n;
};

#define OHC_FINDINGS_INIT \
	{                 \
		NULL, 0   \
	}

void ohc_findings_add(struct ohc_findings *list, enum ohc_finding_level level, const char *code,
		      const char *subject, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void ohc_findings_clear(struct ohc_findings *list);

/* "ok", "warning", "error" */
const char *ohc_finding_level_name(enum ohc_finding_level level);

/* How many there are of a level. */
size_t ohc_findings_count(const struct ohc_findings *list, enum ohc_finding_level level);

#endif
