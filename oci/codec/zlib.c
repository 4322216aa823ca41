// SPDX-License-Identifier: Apache-2.0
/* Deflate and inflate by zlib: where ISA-L is not built in, and for levels that it does not
 * have. */
#include <zlib.h>

#include "core/alloc.h"
#include "oci/codec/codec_internal.h"

/* -15: raw deflate; the caller writes the one gzip header and trailer around all blocks. */
#define RAW_DEFLATE (-15)
/* 16 more: a gzip member with header and trailer. */
#define GZIP_MEMBER (15 + 16)

/* zlib fails here only for want of memory. */
static void must(int rc)
{
	if (rc != Z_OK)
		abort();
}

static void *encoder_start(int level)
{
	z_stream *z = ohc_xcalloc(1, sizeof(*z));

	must(deflateInit2(z, level, Z_DEFLATED, RAW_DEFLATE, 8, Z_DEFAULT_STRATEGY));
	return z;
}

static size_t encoder_bound(size_t n)
{
	return compressBound((uLong)n) + 16;
}

static ssize_t encoder_block(void *state, const void *in, size_t n, bool last, void *out,
			     size_t room)
{
	z_stream *z = state;
	int rc;

	must(deflateReset(z));
	z->next_in = (Bytef *)in;
	z->avail_in = (uInt)n;
	z->next_out = out;
	z->avail_out = (uInt)room;
	rc = deflate(z, last ? Z_FINISH : Z_SYNC_FLUSH);
	if (rc != (last ? Z_STREAM_END : Z_OK) || z->avail_in || z->avail_out == 0)
		return -1;
	return (ssize_t)z->total_out;
}

static void encoder_end(void *state)
{
	deflateEnd(state);
	free(state);
}

static uint32_t encoder_crc(const void *in, size_t n)
{
	return (uint32_t)crc32_z(0, in, n);
}

const struct ohc_encode_ops ohc_encode_zlib = { "zlib",        zlibVersion,   encoder_bound,
						encoder_start, encoder_block, encoder_end,
						encoder_crc };

#ifndef HAVE_ISAL
static void *decoder_start(void)
{
	z_stream *z = ohc_xcalloc(1, sizeof(*z));

	must(inflateInit2(z, GZIP_MEMBER));
	return z;
}

static void decoder_reset(void *state)
{
	must(inflateReset(state));
}

static int decoder_step(void *state, const unsigned char **in, size_t *in_len, unsigned char **out,
			size_t *out_len)
{
	z_stream *z = state;
	int rc;

	z->next_in = (Bytef *)*in;
	z->avail_in = (uInt)*in_len;
	z->next_out = *out;
	z->avail_out = (uInt)*out_len;
	rc = inflate(z, Z_NO_FLUSH);
	*in = z->next_in;
	*in_len = z->avail_in;
	*out = z->next_out;
	*out_len = z->avail_out;
	if (rc == Z_STREAM_END)
		return 1;
	return rc == Z_OK || rc == Z_BUF_ERROR ? 0 : -1;
}

static void decoder_end(void *state)
{
	inflateEnd(state);
	free(state);
}

const struct ohc_decode_ops ohc_decode_zlib = { decoder_start, decoder_reset, decoder_step,
						decoder_end };
#endif
