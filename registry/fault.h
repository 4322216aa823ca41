/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors from replies that are no success: the code of its status, and a message that quotes the
 * registry's own words (distribution-spec, "Error Codes"), bounded and in printable characters.
 */
#ifndef OHC_REGISTRY_FAULT_H
#define OHC_REGISTRY_FAULT_H

#include "registry/request.h"

/* "MANIFEST_UNKNOWN: manifest unknown" or the start of the body; the caller frees it. */
char *ohc_fault_reply_words(const struct ohc_reply *re);

/* "fmt: HTTP 404: MANIFEST_UNKNOWN: …", with the code of its status. */
int ohc_fault_reply_error(const struct ohc_reply *re, struct ohc_error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for requests whose 401 and 403 are about the user (but for a limit that says 403). */
int ohc_fault_reply_denied(const struct ohc_reply *re, struct ohc_auth *auth, const char *repo,
			   const char *doing, struct ohc_error *err);

#endif
