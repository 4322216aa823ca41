/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings about an image, good or bad: a level, a code that scripts can rely on, the subject, and
 * a sentence that says what is wrong and what to do (docs/cli.md, "check").
 *
 *	ohc_findings_add(&list, OHC_FINDING_WARNING, "workspace-owner", "/workspace",
 *			 "belongs to %u:%u of the base: …", uid, gid);
 *	...
 *	ohc_findings_clear(&list);
 */
#ifndef OHC_LAYOUT_CHECK_FINDINGS_H
#define OHC_LAYOUT_CHECK_FINDINGS_H

#include <stddef.h>

#include "core/buf.h"
#include "oci/documents/json.h"

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

/* Moves the findings of `from` behind those of `to`; from is empty afterwards. */
void ohc_findings_move(struct ohc_findings *to, struct ohc_findings *from);

/* Sorts: errors first, then warnings, each by code and subject.  Removes duplicates. */
void ohc_findings_sort(struct ohc_findings *list);

/* "LEVEL code subject: message", without a line end;
 * and the object of `check --json` (docs/cli.md). */
void ohc_finding_line(const struct ohc_finding *f, struct ohc_buf *out);
json_t *ohc_finding_json(const struct ohc_finding *f);

/* "ok", "warning", "error" */
const char *ohc_finding_level_name(enum ohc_finding_level level);

/* Is there one with this code, this subject and this message?  NULL: any. */
bool ohc_findings_has(const struct ohc_findings *list, const char *code, const char *subject,
		      const char *message);

/* Counts the findings of a level. */
size_t ohc_findings_count(const struct ohc_findings *list, enum ohc_finding_level level);

#endif
