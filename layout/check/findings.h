/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found about an image, good or bad: a level, a code that scripts can rely on, what it is
 * about, and a sentence that says what is the matter and what to do (docs/cli.md, "check").
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

/* Puts those of `from` behind those of `to`; from is empty afterwards. */
void ohc_findings_move(struct ohc_findings *to, struct ohc_findings *from);

/* Errors first, then warnings; by code and subject among themselves.  What is there twice is there
 * once afterwards. */
void ohc_findings_sort(struct ohc_findings *list);

/* "LEVEL code subject: message", without a line end;
 * and the object of `check --json` (docs/cli.md). */
void ohc_finding_line(const struct ohc_finding *f, struct ohc_buf *out);
json_t *ohc_finding_json(const struct ohc_finding *f);

/* "ok", "warning", "error" */
const char *ohc_finding_level_name(enum ohc_finding_level level);

/* How many there are of a level. */
size_t ohc_findings_count(const struct ohc_findings *list, enum ohc_finding_level level);

#endif
