// SPDX-License-Identifier: Apache-2.0
/* Deflate and inflate by ISA-L, at several times zlib's speed. */
#ifdef HAVE_ISAL
#include <isa-l.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/codec/codec_internal.h"
#include "oci/codec/gzip_header.h"
#include "oci/codec/stored.h"

#define PRIMER 16

struct encoder {
	struct isal_zstream z;
	uint32_t level;
	uint32_t buf_size;
	uint8_t buf[];
};

static void *encoder_start(int level)
{
	static const uint32_t sizes[] = { ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT,
					  ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT };
	struct encoder *e = ohc_xcalloc(1, sizeof(*e) + sizes[level]);

	e->level = (uint32_t)level;
	e->buf_size = sizes[level];
	return e;
}

static const char *encoder_version(void)
{
#define TEXT(x)  #x
#define VALUE(x) TEXT(x)
	return VALUE(ISAL_MAJOR_VERSION) "." VALUE(ISAL_MINOR_VERSION) "." VALUE(
		ISAL_PATCH_VERSION);
}

/* The worst case: stored blocks cost 5 bytes in 64 KiB; a static table takes 9 bits a byte. */
static size_t encoder_bound(size_t n)
{
	return n + n / 8 + 1024;
}

/*
 * The first bytes are stored and given to ISA-L as what went before.  Without any history, its
 * assembly (igzip_icf_body_h1_gr_bt.asm and igzip_body.asm, .write_first_byte, up to 2.32 at least)
 * hashes a register that it did not set, the stream's address: one block in ten thousand or so
 * then comes out a byte longer, when the address is another.
 */
static ssize_t encoder_block(void *state, const void *in, size_t n, bool last, void *out,
			     size_t room)
{
	struct encoder *e = state;
	size_t done = ohc_stored_write(in, n < PRIMER ? n : PRIMER, last && n <= PRIMER, out);

	if (n <= PRIMER)
		return (ssize_t)done;
	isal_deflate_init(&e->z);
	e->z.level = e->level;
	e->z.level_buf = e->buf;
	e->z.level_buf_size = e->buf_size;
	e->z.gzip_flag = IGZIP_DEFLATE;
	e->z.end_of_stream = last;
	e->z.flush = last ? NO_FLUSH : SYNC_FLUSH;
	if (isal_deflate_set_dict(&e->z, (uint8_t *)in, PRIMER) != COMP_OK)
		return -1;
	e->z.next_in = (uint8_t *)in + PRIMER;
	e->z.avail_in = (uint32_t)n - PRIMER;
	e->z.next_out = (uint8_t *)out + done;
	e->z.avail_out = (uint32_t)(room - done);
	if (isal_deflate(&e->z) != COMP_OK || e->z.avail_in || e->z.avail_out == 0)
		return -1;
	return (ssize_t)(done + e->z.total_out);
}

static uint32_t encoder_crc(const void *in, size_t n)
{
	return crc32_gzip_refl(0, in, n);
}

const struct ohc_encode_ops ohc_encode_isal = { "isa-l",       encoder_version, encoder_bound,
						encoder_start, encoder_block,   free,
						encoder_crc };

struct decoder {
	struct ohc_gzip_header header;
	struct inflate_state inflate;
};

static void decoder_reset(void *state)
{
	struct decoder *d = state;

	memset(&d->header, 0, sizeof(d->header));
	isal_inflate_init(&d->inflate);
	d->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER; /* the trailer too, and the CRC is checked */
}

static void *decoder_start(void)
{
	struct decoder *d = ohc_xcalloc(1, sizeof(*d));

	decoder_reset(d);
	return d;
}

static int decoder_step(void *state, const unsigned char **in, size_t *in_len, unsigned char **out,
			size_t *out_len)
{
	struct decoder *d = state;
	struct inflate_state *s = &d->inflate;
	int rc = ohc_gzip_header_step(&d->header, in, in_len);

	if (rc <= 0)
		return rc;
	s->next_in = (uint8_t *)*in;
	s->avail_in = (uint32_t)*in_len;
	s->next_out = *out;
	s->avail_out = (uint32_t)*out_len;
	rc = isal_inflate(s);
	*in = s->next_in;
	*in_len = s->avail_in;
	*out = s->next_out;
	*out_len = s->avail_out;
	if (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT)
		return -1;
	return s->block_state == ISAL_BLOCK_FINISH;
}

const struct ohc_decode_ops ohc_decode_isal = { decoder_start, decoder_reset, decoder_step, free };
#endif
