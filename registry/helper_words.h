/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes what a credential helper says on standard error, for a message: its first line, printable
 * and cut.  A line with a word of what the helper was told or has printed, where a secret stands,
 * is left out; what looks like a token is an ellipsis.
 */
#ifndef OHC_REGISTRY_HELPER_WORDS_H
#define OHC_REGISTRY_HELPER_WORDS_H

/* told may be NULL.  The caller frees what comes back, "" where there is nothing to quote. */
char *ohc_helper_words(const char *said, const char *told, const char *printed);

#endif
