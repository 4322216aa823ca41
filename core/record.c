// SPDX-License-Identifier: Apache-2.0
#include "core/record.h"

#include <string.h>

#include "core/alloc.h"

void ohc_record_put_number(struct ohc_buf *b, uint64_t v)
{
	char bytes[10]; /* of 64 bits, seven each */
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (char)(v | 0x80);
	bytes[n++] = (char)v;
	ohc_buf_add(b, bytes, n);
}

void ohc_record_put_bytes(struct ohc_buf *b, const void *data, size_t n)
{
	ohc_record_put_number(b, n);
	ohc_buf_add(b, data, n);
}

/* The length is one more than it is, so that 0 is left for NULL. */
void ohc_record_put_text(struct ohc_buf *b, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	ohc_record_put_number(b, s ? n + 1 : 0);
	ohc_buf_add(b, s, n);
}

void ohc_record_put_texts(struct ohc_buf *b, const struct ohc_strv *list)
{
	ohc_record_put_number(b, list->n);
	for (size_t i = 0; i < list->n; i++)
		ohc_record_put_text(b, list->v[i]);
}

struct ohc_record_reader ohc_record_read(const void *data, size_t n)
{
	const unsigned char *p = data;

	return (struct ohc_record_reader){ p, n ? p + n : p, false };
}

static uint64_t spoil(struct ohc_record_reader *u)
{
	u->bad = true;
	u->p = u->end;
	return 0;
}

bool ohc_record_done(const struct ohc_record_reader *u)
{
	return !u->bad && u->p == u->end;
}

uint64_t ohc_record_get_long_number(struct ohc_record_reader *u)
{
	uint64_t v = 0, bits;

	for (unsigned int shift = 0; u->p < u->end && shift < 64; shift += 7) {
		unsigned char c = *u->p++;

		bits = c & 0x7f;
		if (bits << shift >> shift != bits)
			break;
		v |= bits << shift;
		if (!(c & 0x80))
			return v;
	}
	return spoil(u);
}

uint64_t ohc_record_get_number_max(struct ohc_record_reader *u, uint64_t max)
{
	uint64_t v = ohc_record_get_number(u);

	return v <= max ? v : spoil(u);
}

static const unsigned char *take(struct ohc_record_reader *u, uint64_t n)
{
	const unsigned char *p = u->p;

	if (u->bad || n > (uint64_t)(u->end - u->p)) {
		spoil(u);
		return NULL;
	}
	u->p += n;
	return p;
}

const void *ohc_record_get_bytes(struct ohc_record_reader *u, size_t max, size_t *ret_n)
{
	uint64_t n = ohc_record_get_number_max(u, max);
	const unsigned char *p = take(u, n);

	*ret_n = p ? (size_t)n : 0;
	return p;
}

char *ohc_record_get_text(struct ohc_record_reader *u, size_t max)
{
	uint64_t n = ohc_record_get_number_max(u, (uint64_t)max + 1);
	const unsigned char *p;

	if (n == 0)
		return NULL;
	p = take(u, n - 1);
	if (p && memchr(p, '\0', n - 1))
		spoil(u);
	return p && !u->bad ? ohc_xstrndup((const char *)p, n - 1) : NULL;
}

void ohc_record_get_texts(struct ohc_record_reader *u, size_t max_texts, size_t max_text,
			  struct ohc_strv *ret)
{
	uint64_t n = ohc_record_get_number_max(u, max_texts);
	char *s;

	while (n-- > 0 && (s = ohc_record_get_text(u, max_text)))
		ohc_strv_take(ret, s);
	if (n != UINT64_MAX)
		spoil(u); /* a list has no NULL in it */
}
