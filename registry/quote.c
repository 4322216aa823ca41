// SPDX-License-Identifier: Apache-2.0
#include "registry/quote.h"

#include <ctype.h>

void ohc_quote_add(struct ohc_buf *b, const char *s)
{
	bool space = false;

	for (; *s && b->len < OHC_QUOTE_MAX; s++) {
		unsigned char c = (unsigned char)*s;

		if (isspace(c)) {
			space = b->len > 0;
			continue;
		}
		if (space)
			ohc_buf_addc(b, ' ');
		space = false;
		ohc_buf_addc(b, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
	if (*s)
		ohc_buf_adds(b, "...");
}

char *ohc_quote(const char *s)
{
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_quote_add(&b, s);
	return ohc_buf_detach(&b);
}
