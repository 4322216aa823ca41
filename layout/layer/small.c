// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/small.h"

#include "core/alloc.h"

static int write_tar(ohc_layer_fn write, void *ctx, struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(ret);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	int rc = write(ctx, w, err);

	if (rc == 0)
		rc = ohc_tar_finish(w, err);
	if (rc == 0 && ret->len > OHC_LAYER_SMALL_MAX)
		rc = ohc_error_set(err, OHC_E_UNSUPPORTED,
				   "the entries that are made for the base have %zu bytes: the "
				   "limit is %u",
				   ret->len, OHC_LAYER_SMALL_MAX);
	return rc;
}

/* Compresses the blocks as the pipeline does: the last one is never full, and may be empty. */
static int compress(const struct ohc_buf *tar, const struct ohc_codec *codec, struct ohc_buf *ret,
		    struct ohc_error *err)
{
	struct ohc_codec_encoder *enc = ohc_codec_encoder_new(codec);
	const size_t bound = ohc_codec_bound(codec, OHC_CODEC_BLOCK);
	ohc_cleanup(ohc_freep) char *out = ohc_xmalloc(bound);
	unsigned char edge[OHC_CODEC_EDGE];
	uint32_t crc = 0, block_crc = 0;
	size_t at = 0, n = OHC_CODEC_BLOCK;
	ssize_t got = 0;

	ohc_buf_add(ret, edge, ohc_codec_head(codec, edge));
	for (; n == OHC_CODEC_BLOCK; at += n) {
		n = tar->len - at < OHC_CODEC_BLOCK ? tar->len - at : OHC_CODEC_BLOCK;
		got = ohc_codec_encode(enc, ohc_buf_str(tar) + at, n, n < OHC_CODEC_BLOCK, out,
				       &block_crc, err);
		if (got < 0)
			break;
		ohc_buf_add(ret, out, (size_t)got);
		crc = ohc_codec_join(crc, block_crc, n);
	}
	ohc_codec_encoder_free(enc);
	if (got < 0)
		return (int)got;
	ohc_buf_add(ret, edge, ohc_codec_tail(codec, crc, tar->len, edge));
	return 0;
}

int ohc_layer_small(ohc_layer_fn write, void *ctx, const struct ohc_codec *codec,
		    struct ohc_buf *ret, struct ohc_layer_result *ret_made, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	int rc = write_tar(write, ctx, &tar, err);

	if (rc < 0)
		return rc;
	ret_made->plain_size = tar.len;
	ohc_digest_of(ohc_buf_str(&tar), tar.len, ret_made->diff_id);
	return compress(&tar, codec, ret, err);
}

static bool same_codec(const struct ohc_codec *a, const struct ohc_codec *b)
{
	return a->compression == b->compression && a->level == b->level &&
	       a->portable == b->portable;
}

/* Call it with the lock held. */
static int make_kept(struct ohc_layer_kept *k, ohc_layer_fn write, void *ctx,
		     const struct ohc_codec *codec, struct ohc_error *err)
{
	int rc;

	if (k->made && same_codec(&k->codec, codec))
		return 0;
	k->made = false;
	ohc_buf_clear(&k->bytes);
	rc = ohc_layer_small(write, ctx, codec, &k->bytes, &k->result, err);
	k->made = rc == 0;
	k->codec = *codec;
	return rc;
}

int ohc_layer_kept_get(struct ohc_layer_kept *k, ohc_layer_fn write, void *ctx,
		       const struct ohc_codec *codec, struct ohc_buf *ret,
		       struct ohc_layer_result *ret_made, struct ohc_error *err)
{
	int rc;

	pthread_mutex_lock(&k->lock);
	rc = make_kept(k, write, ctx, codec, err);
	if (rc == 0) {
		ohc_buf_add(ret, ohc_buf_str(&k->bytes), k->bytes.len);
		*ret_made = k->result;
	}
	pthread_mutex_unlock(&k->lock);
	return rc;
}

void ohc_layer_kept_clear(struct ohc_layer_kept *k)
{
	ohc_buf_clear(&k->bytes);
	pthread_mutex_destroy(&k->lock);
}
