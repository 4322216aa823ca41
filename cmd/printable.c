// SPDX-License-Identifier: Apache-2.0
#include "cmd/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "core/utf8.h"

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

/* s ends with a zero, which may not be its only one. */
static void show(struct ohc_buf *out, const char *s, size_t len, const char *kept)
{
	uint32_t c = 0;
	size_t n;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = ohc_utf8_decode(s + i, &c);
		if (n == 0 || (is_obeyed(c) && !(s[i] && strchr(kept, s[i]))))
			escape(out, (const unsigned char *)s + i, n ? n : 1);
		else
			ohc_buf_add(out, s + i, n);
	}
}

void ohc_printable(struct ohc_buf *out, const char *text)
{
	show(out, text, strlen(text), "");
}

void ohc_printable_lines(struct ohc_buf *out, const char *text, size_t n)
{
	show(out, text, n, "\n\t");
}

/* Structure is ASCII, and C0 is escaped already: what is left stands in strings, and is below
 * U+10000. */
void ohc_printable_json(struct ohc_buf *out, const char *json)
{
	uint32_t c = 0;
	size_t n;

	for (const char *s = json; *s; s += n) {
		n = ohc_utf8_decode(s, &c);
		if (n && is_obeyed(c))
			ohc_buf_addf(out, "\\u%04x", c);
		else
			ohc_buf_add(out, s, n ? n : (n = 1));
	}
}

size_t ohc_printable_fit(const char *s, size_t columns, size_t *ret_columns)
{
	size_t used = 0, at = 0, n;
	uint32_t c = 0;
	int w;

	while (s[at]) {
		n = ohc_utf8_decode(s + at, &c);
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
