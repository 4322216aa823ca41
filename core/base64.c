// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <stdint.h>
#include <string.h>

#include "core/alloc.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *ohc_base64_encode(const void *data, size_t n)
{
	const unsigned char *in = data;
	char *out = ohc_xmalloc((n + 2) / 3 * 4 + 1), *p = out;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < n)
			v |= in[i + 2];
		*p++ = alphabet[v >> 18];
		*p++ = alphabet[v >> 12 & 63];
		*p++ = i + 1 < n ? alphabet[v >> 6 & 63] : '=';
		*p++ = i + 2 < n ? alphabet[v & 63] : '=';
	}
	*p = '\0';
	return out;
}

char *ohc_base64_decode(const char *text, size_t *ret_n)
{
	char *out = ohc_xmalloc(strlen(text) / 4 * 3 + 4), *p = out;
	uint32_t v = 0;
	int bits = 0;

	for (; *text && *text != '='; text++) {
		const char *c = strchr(alphabet, *text);

		if (*text == '\n' || *text == '\r')
			continue;
		if (!c) {
			free(out);
			return NULL;
		}
		v = v << 6 | (uint32_t)(c - alphabet);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*p++ = (char)(v >> bits & 0xff);
		}
	}
	*p = '\0';
	if (text[strspn(text, "=\r\n")] != '\0') {
		free(out);
		return NULL;
	}
	if (ret_n)
		*ret_n = (size_t)(p - out);
	return out;
}
