// SPDX-License-Identifier: Apache-2.0
#include "oci/codec/gzip_header.h"

#include <stdbool.h>
#include <zlib.h>

enum { FTEXT = 1, FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, KNOWN = 31 };

static bool fixed_byte(struct ohc_gzip_header *h, unsigned char c)
{
	static const unsigned char start[] = { 0x1f, 0x8b, 8 };

	if (h->at < sizeof(start))
		return c == start[h->at];
	if (h->at == sizeof(start))
		h->flags = c;
	return (h->flags & ~KNOWN) == 0;
}

static bool number_byte(struct ohc_gzip_header *h, unsigned char c)
{
	h->value = h->at ? h->value | (size_t)c << 8 : c;
	return true;
}

static bool extra_byte(struct ohc_gzip_header *h, unsigned char c)
{
	(void)h, (void)c;
	return true;
}

/* It ends with a zero. */
static bool text_byte(struct ohc_gzip_header *h, unsigned char c)
{
	h->value = c;
	return true;
}

static bool fixed_done(const struct ohc_gzip_header *h)
{
	return h->at == 10;
}

static bool number_done(const struct ohc_gzip_header *h)
{
	return h->at == 2;
}

static bool extra_done(const struct ohc_gzip_header *h)
{
	return h->at == h->value;
}

static bool text_done(const struct ohc_gzip_header *h)
{
	return h->at > 0 && !h->value;
}

/* The fields in their order; each is there when its flag is set. */
static const struct {
	unsigned char flag;
	bool (*byte)(struct ohc_gzip_header *h, unsigned char c);
	bool (*done)(const struct ohc_gzip_header *h);
} fields[] = {
	{ 0, fixed_byte, fixed_done },      { FEXTRA, number_byte, number_done },
	{ FEXTRA, extra_byte, extra_done }, { FNAME, text_byte, text_done },
	{ FCOMMENT, text_byte, text_done }, { FHCRC, number_byte, number_done },
};

enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]), CRC_FIELD = N_FIELDS - 1 };

/* Moves to the next field that is there. */
static void next_field(struct ohc_gzip_header *h)
{
	h->at = 0;
	do
		h->field++;
	while (h->field < N_FIELDS && !(h->flags & fields[h->field].flag));
	if (h->field < N_FIELDS && fields[h->field].byte == text_byte)
		h->value = 1;
	h->sum = h->crc & 0xffff;
}

int ohc_gzip_header_step(struct ohc_gzip_header *h, const unsigned char **in, size_t *in_len)
{
	while (h->field < N_FIELDS) {
		if (fields[h->field].done(h)) {
			if (h->field == CRC_FIELD && h->value != h->sum)
				return -1;
			next_field(h);
			continue;
		}
		if (*in_len == 0)
			return 0;
		if (!fields[h->field].byte(h, **in))
			return -1;
		h->at++;
		h->crc = (uint32_t)crc32(h->crc, *in, 1);
		(*in)++;
		(*in_len)--;
	}
	return 1;
}
