// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>
#include <zstd_errors.h>

#include "core/alloc.h"
#include "oci/codec/codec_internal.h"

/* 128 MiB, the library's default; up to level 19 it writes windows of 8 MiB. */
#define WINDOW_LOG_MAX 27

static void must(size_t rc)
{
	if (ZSTD_isError(rc))
		abort();
}

static void *encoder_start(int level)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();

	if (!c)
		abort();
	must(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level));
	must(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1));
	return c;
}

static ssize_t encoder_block(void *state, const void *in, size_t n, bool last, void *out,
			     size_t room)
{
	size_t rc;

	(void)last;
	if (n == 0)
		return 0; /* frames end by themselves */
	rc = ZSTD_compress2(state, out, room, in, n);
	return ZSTD_isError(rc) ? -1 : (ssize_t)rc;
}

static void encoder_end(void *state)
{
	ZSTD_freeCCtx(state);
}

const struct ohc_encode_ops ohc_encode_zstd = {
	"zstd", ZSTD_versionString, ZSTD_compressBound, encoder_start, encoder_block, encoder_end,
	NULL
};

static void *decoder_start(void)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();

	if (!d)
		abort();
	must(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
	return d;
}

static void decoder_reset(void *state)
{
	must(ZSTD_DCtx_reset(state, ZSTD_reset_session_only));
}

static int decoder_step(void *state, const unsigned char **in, size_t *in_len, unsigned char **out,
			size_t *out_len)
{
	ZSTD_inBuffer ib = { *in, *in_len, 0 };
	ZSTD_outBuffer ob = { *out, *out_len, 0 };
	size_t rc = ZSTD_decompressStream(state, &ob, &ib);

	if (ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
		return -2;
	if (ZSTD_isError(rc))
		return -1;
	*in += ib.pos;
	*in_len -= ib.pos;
	*out += ob.pos;
	*out_len -= ob.pos;
	return rc == 0;
}

static void decoder_end(void *state)
{
	ZSTD_freeDCtx(state);
}

const struct ohc_decode_ops ohc_decode_zstd = { decoder_start, decoder_reset, decoder_step,
						decoder_end };
