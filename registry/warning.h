/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the warnings of a registry to its users (distribution-spec 1.1, "Warnings"): Warning header
 * fields as RFC 7234, 5.5 has them, with the code 299.  Each is shown once, however many replies
 * bring it, and has no other effect.
 *
 *	w = ohc_warnings_new(report);
 *	ohc_warnings_hear(w, "ghcr.io", exchange);		after each reply
 *	ohc_warnings_free(w);
 *
 * Bounded: 4096 bytes of one reply, as the specification has it, and 100 different ones in all.
 */
#ifndef OHC_REGISTRY_WARNING_H
#define OHC_REGISTRY_WARNING_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/report.h"
#include "registry/http.h"

struct ohc_warnings;

struct ohc_warnings *ohc_warnings_new(struct ohc_report *report);
void ohc_warnings_free(struct ohc_warnings *w);
void ohc_warnings_hear(struct ohc_warnings *w, const char *host, const struct ohc_http_exchange *x);

/* Reads the text of the next warning with the code 299 in a field's value from *p on; false: there
 * is none, or the value is malformed.  *ret must be empty. */
bool ohc_warning_next(const char **p, struct ohc_buf *ret);

#endif
