// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/alloc.h"

char *ohc_base64_encode(const void *data, size_t n)
{
	char *out;

	if (n > INT_MAX / 4 * 3)
		abort();
	out = ohc_xmalloc((n + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)out, data, (int)n);
	return out;
}

/* Copies the text without line ends and padding, and adds 'A' (six bits of 0) until libcrypto's
 * blocks are whole; *ret_n is how many characters there were.  NULL when something stands behind
 * the padding. */
static char *blocks_of(const char *text, size_t *ret_n)
{
	char *out = ohc_xmalloc(strlen(text) + 4);
	size_t n = 0;

	for (; *text && *text != '='; text++)
		if (*text != '\n' && *text != '\r')
			out[n++] = *text;
	if (text[strspn(text, "=\r\n")]) {
		free(out);
		return NULL;
	}
	memset(out + n, 'A', 3);
	*ret_n = n;
	return out;
}

char *ohc_base64_decode(const char *text, size_t *ret_n)
{
	size_t n = 0, whole;
	ohc_cleanup(ohc_freep) char *in = blocks_of(text, &n);
	ohc_cleanup(ohc_freep) char *out = NULL;

	whole = (n + 3) / 4;
	if (!in || whole > INT_MAX / 4)
		return NULL;
	out = ohc_xmalloc(3 * whole + 1);
	/* libcrypto skips blanks at the ends, and then gives fewer bytes. */
	if (whole && EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)in,
				     (int)(4 * whole)) != (int)(3 * whole))
		return NULL;
	n = n * 3 / 4;
	out[n] = '\0';
	if (ret_n)
		*ret_n = n;
	return ohc_take(out);
}
