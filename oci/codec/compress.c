// SPDX-License-Identifier: Apache-2.0
#include "oci/codec/compress.h"

#include <string.h>

#include "core/alloc.h"

struct compress {
	struct ohc_source source;
	struct ohc_source *plain;
	struct ohc_codec codec;
	struct ohc_codec_encoder *encoder;
	enum { HEAD, BLOCKS, TAIL, END } state;
	uint32_t crc;
	uint64_t plain_size;
	size_t at, len; /* of out */
	char *out, *in;
};

static int next_block(struct compress *c, struct ohc_error *err)
{
	ssize_t n = ohc_source_read_full(c->plain, c->in, OHC_CODEC_BLOCK, err), compressed;
	bool last = n < OHC_CODEC_BLOCK;
	uint32_t crc;

	if (n < 0)
		return (int)n;
	compressed = ohc_codec_encode(c->encoder, c->in, (size_t)n, last, c->out, &crc, err);
	if (compressed < 0)
		return (int)compressed;
	c->crc = ohc_codec_join(c->crc, crc, (size_t)n);
	c->plain_size += (uint64_t)n;
	c->len = (size_t)compressed;
	if (last)
		c->state = TAIL;
	return 0;
}

/* Puts what comes next into out. */
static int fill(struct compress *c, struct ohc_error *err)
{
	c->at = c->len = 0;
	switch (c->state) {
	case HEAD:
		c->len = ohc_codec_head(&c->codec, (unsigned char *)c->out);
		c->state = BLOCKS;
		return 0;
	case BLOCKS:
		return next_block(c, err);
	case TAIL:
		c->len = ohc_codec_tail(&c->codec, c->crc, c->plain_size, (unsigned char *)c->out);
		c->state = END;
		return 0;
	case END:
		return 0;
	}
	return 0;
}

static ssize_t compress_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct compress *c = (struct compress *)src;

	while (c->at == c->len && c->state != END) {
		int rc = fill(c, err);

		if (rc < 0)
			return rc;
	}
	if (n > c->len - c->at)
		n = c->len - c->at;
	memcpy(buf, c->out + c->at, n);
	c->at += n;
	return (ssize_t)n;
}

static int compress_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct compress *c = (struct compress *)src;
	ohc_cleanup(ohc_freep) char *skip = ohc_xmalloc(OHC_CODEC_BLOCK);
	int rc = ohc_source_seek(c->plain, 0, err);

	c->state = HEAD;
	c->crc = 0;
	c->plain_size = c->at = c->len = 0;
	while (rc == 0 && offset > 0) {
		ssize_t n = compress_read(
			src, skip, offset < OHC_CODEC_BLOCK ? (size_t)offset : OHC_CODEC_BLOCK,
			err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return ohc_error_set(err, OHC_E_FAILED, "the layer ends before that");
		offset -= (uint64_t)n;
	}
	return rc;
}

static void compress_close(struct ohc_source *src)
{
	struct compress *c = (struct compress *)src;

	ohc_source_close(c->plain);
	ohc_codec_encoder_free(c->encoder);
	free(c->in);
	free(c->out);
	free(c);
}

struct ohc_source *ohc_codec_compress(struct ohc_source *plain, const struct ohc_codec *codec)
{
	static const struct ohc_source_ops again = { compress_read, compress_seek, compress_close };
	static const struct ohc_source_ops once = { compress_read, NULL, compress_close };
	struct compress *c = ohc_xcalloc(1, sizeof(*c));
	size_t room = ohc_codec_bound(codec, OHC_CODEC_BLOCK);

	c->source.ops = ohc_source_can_seek(plain) ? &again : &once;
	c->plain = plain;
	c->codec = *codec;
	c->encoder = ohc_codec_encoder_new(codec);
	c->in = ohc_xmalloc(OHC_CODEC_BLOCK);
	c->out = ohc_xmalloc(room > OHC_CODEC_EDGE ? room : OHC_CODEC_EDGE);
	return &c->source;
}
