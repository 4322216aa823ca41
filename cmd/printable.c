// SPDX-License-Identifier: Apache-2.0
#include "cmd/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* Decodes one character of at least one byte: its length, or 0 where this is no UTF-8 (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). */
static size_t decode(const unsigned char *s, uint32_t *ret)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t lowest;
	} forms[] = { { 0x80, 0x00, 0 },
		      { 0xe0, 0xc0, 0x80 },
		      { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint32_t c = s[0] & (unsigned char)~forms[i].mask;

		if ((s[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t k = 1; k <= i; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[k] & 0x3f);
		}
		if (c < forms[i].lowest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*ret = c;
		return i + 1;
	}
	return 0;
}

static bool is_obeyed(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||       /* C0, DEL, C1 */
	       c == 0x061c || c == 0x200e || c == 0x200f || /* direction marks */
	       (c >= 0x2028 && c <= 0x202e) ||              /* separators, embeddings, overrides */
	       (c >= 0x2066 && c <= 0x2069);                /* isolates */
}

static void escape(struct ohc_buf *out, const unsigned char *s, size_t n)
{
	static const char letters[] = "\n\r\t", names[] = "nrt";
	const char *known = n == 1 ? memchr(letters, s[0], sizeof(letters) - 1) : NULL;

	if (known) {
		ohc_buf_addf(out, "\\%c", names[known - letters]);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ohc_buf_addf(out, "\\x%02x", s[i]);
}

void ohc_printable(struct ohc_buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c = 0;
	size_t n;

	while (*s) {
		n = decode(s, &c);
		if (n == 0 || is_obeyed(c))
			escape(out, s, n ? n : 1);
		else
			ohc_buf_add(out, s, n);
		s += n ? n : 1;
	}
}

size_t ohc_printable_fit(const char *s, size_t columns, size_t *ret_columns)
{
	size_t used = 0, at = 0, n;
	uint32_t c = 0;
	int w;

	while (s[at]) {
		n = decode((const unsigned char *)s + at, &c);
		/* Without a UTF-8 locale wcwidth() knows only ASCII. */
		w = n ? wcwidth((wchar_t)c) : 1;
		if (w < 0)
			w = 1;
		if (used + (size_t)w > columns)
			break;
		used += (size_t)w;
		at += n ? n : 1;
	}
	*ret_columns = used;
	return at;
}
