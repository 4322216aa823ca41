// SPDX-License-Identifier: Apache-2.0
#include "registry/helper_words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "registry/quote.h"

#define WORD_LEAST  4  /* a shorter one is everywhere */
#define TOKEN_LEAST 16 /* and one with as many digits as this is no word of a language: */
#define DIGITS      2

static const char word_bytes[] = OHC_ASCII_ALNUM "+=_-";

static bool has_word(const char *text, const char *word)
{
	return text && strstr(text, word);
}

static bool looks_like_token(const char *word)
{
	size_t digits = 0;

	for (const char *p = word; *p; p++)
		digits += *p >= '0' && *p <= '9';
	return strlen(word) >= TOKEN_LEAST && digits >= DIGITS;
}

/* Copies the line; false: it has a word that may be a secret's. */
static bool copy_words(struct ohc_buf *b, const char *line, const char *told, const char *printed)
{
	while (*line) {
		const size_t n = strspn(line, word_bytes), other = strcspn(line + n, word_bytes);
		ohc_cleanup(ohc_freep) char *word = ohc_xstrndup(line, n);

		if (n >= WORD_LEAST && (has_word(told, word) || has_word(printed, word)))
			return false;
		ohc_buf_adds(b, looks_like_token(word) ? "…" : word);
		ohc_buf_add(b, line + n, other);
		line += n + other;
	}
	return true;
}

char *ohc_helper_words(const char *said, const char *told, const char *printed)
{
	const char *start = said + strspn(said, " \t\r\n");
	ohc_cleanup(ohc_freep) char *line = ohc_xstrndup(start, strcspn(start, "\r\n"));
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (!copy_words(&b, line, told, printed))
		return ohc_xstrdup("");
	return ohc_quote(ohc_buf_str(&b));
}
