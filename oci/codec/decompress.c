// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "core/alloc.h"
#include "oci/codec/codec.h"
#include "oci/codec/codec_internal.h"
#include "oci/tar/filter.h"

#define PIECE (128 * 1024)

struct decompress {
	struct ohc_source source;
	struct ohc_source *below;
	bool own;
	char *what;
	enum ohc_compression found;
	bool started;
	bool inside; /* a member or frame has begun and not ended */
	bool below_ended;
	bool broken;                      /* a read failed: there is no going on from here */
	uint64_t pos;                     /* in the plain bytes */
	const struct ohc_decode_ops *ops; /* NULL: plain, or what has a source of its own */
	void *state;
	struct ohc_source *filter; /* of xz and bzip2 */
	struct ohc_source replay;  /* below from its start, for that */
	const unsigned char *in;
	size_t in_len;
	unsigned char piece[PIECE];
};

static int damaged(struct decompress *d, const char *how, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: the %s data is %s", d->what,
			     ohc_media_compression_name(d->found), how);
}

static int refill(struct decompress *d, struct ohc_error *err)
{
	ssize_t n = ohc_source_read(d->below, d->piece, sizeof(d->piece), err);

	if (n < 0)
		return (int)n;
	d->below_ended = n == 0;
	d->in = d->piece;
	d->in_len = (size_t)n;
	return 0;
}

/* Reads what start() has read before, then the rest. */
static ssize_t replay_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct decompress *d = OHC_CONTAINER_OF(src, struct decompress, replay);

	if (d->in_len == 0)
		return d->below_ended ? 0 : ohc_source_read(d->below, buf, n, err);
	if (n > d->in_len)
		n = d->in_len;
	memcpy(buf, d->in, n);
	d->in += n;
	d->in_len -= n;
	return (ssize_t)n;
}

static void begin_decoding(struct decompress *d)
{
	static const struct ohc_source_ops replay_ops = { replay_read, NULL, NULL };

	switch (d->found) {
	case OHC_COMPRESSION_NONE:
		return;
	case OHC_COMPRESSION_GZIP:
#ifdef HAVE_ISAL
		d->ops = &ohc_decode_isal;
#else
		d->ops = &ohc_decode_zlib;
#endif
		break;
	case OHC_COMPRESSION_ZSTD:
		d->ops = &ohc_decode_zstd;
		break;
	case OHC_COMPRESSION_XZ:
	case OHC_COMPRESSION_BZIP2:
		d->replay.ops = &replay_ops;
		d->filter =
			ohc_tar_filter(&d->replay, ohc_media_compression_name(d->found), d->what);
		return;
	}
	d->state = d->ops->start();
}

static void end_decoding(struct decompress *d)
{
	if (d->ops)
		d->ops->end(d->state);
	ohc_source_close(d->filter);
	d->ops = NULL;
	d->filter = NULL;
}

/* The first bytes tell the compression; a piece that is too short for that is filled up. */
static int start(struct decompress *d, struct ohc_error *err)
{
	ssize_t n = ohc_source_read_full(d->below, d->piece, OHC_CODEC_MAGIC, err);

	if (n < 0)
		return (int)n;
	d->below_ended = n < OHC_CODEC_MAGIC;
	d->in = d->piece;
	d->in_len = (size_t)n;
	d->started = true;
	d->found = ohc_codec_guess(d->piece, (size_t)n);
	begin_decoding(d);
	return 0;
}

/* Zeros behind the last member are padding, as gzip(1) has it. */
static void skip_padding(struct decompress *d)
{
	while (d->in_len && *d->in == 0) {
		d->in++;
		d->in_len--;
	}
}

static ssize_t read_more(struct decompress *d, void *buf, size_t n, struct ohc_error *err)
{
	unsigned char *out = buf;
	size_t room = n;
	int rc;

	if (!d->started && (rc = start(d, err)) < 0)
		return rc;
	if (d->filter)
		return ohc_source_read(d->filter, buf, n, err);
	if (!d->ops)
		return replay_read(&d->replay, buf, n, err);
	while (room == n) {
		if (d->in_len == 0 && !d->below_ended && (rc = refill(d, err)) < 0)
			return rc;
		if (!d->inside)
			skip_padding(d);
		if (d->in_len == 0 && !d->inside) {
			if (d->below_ended)
				return 0;
			continue;
		}
		/* The input ended inside a member, but the decoder may still hold back bytes. */
		bool starved = d->in_len == 0;

		d->inside = true;
		rc = d->ops->step(d->state, &d->in, &d->in_len, &out, &room);
		if (rc < 0)
			return damaged(d,
				       rc == -1 ? "damaged"
						: "compressed with a window of more than 128 MiB",
				       err);
		if (rc > 0) {
			d->inside = false;
			d->ops->reset(d->state);
		} else if (starved && d->below_ended && room == n) {
			return damaged(d, "cut off", err);
		}
	}
	return (ssize_t)(n - room);
}

static ssize_t decompress_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct decompress *d = (struct decompress *)src;
	ssize_t got = read_more(d, buf, n, err);

	d->broken = got < 0;
	d->pos += got > 0 ? (uint64_t)got : 0;
	return got;
}

static int start_over(struct decompress *d, struct ohc_error *err)
{
	int rc = ohc_source_seek(d->below, 0, err);

	if (rc < 0)
		return rc;
	end_decoding(d);
	d->started = d->inside = d->below_ended = d->broken = false;
	d->in_len = 0;
	d->pos = 0;
	return 0;
}

/* Going forward reads on from where it is, so that skipping forward several times reads everything
 * once. */
static int decompress_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct decompress *d = (struct decompress *)src;
	ohc_cleanup(ohc_freep) char *skip = NULL;
	int rc = offset < d->pos || d->broken ? start_over(d, err) : 0;
	ssize_t n;

	if (rc == 0 && d->pos < offset)
		skip = ohc_xmalloc(PIECE);
	while (rc == 0 && d->pos < offset) {
		uint64_t left = offset - d->pos;

		n = decompress_read(src, skip, left < PIECE ? (size_t)left : PIECE, err);
		if (n < 0)
			rc = (int)n;
		else if (n == 0)
			rc = ohc_error_set(err, OHC_E_FAILED, "%s ends before that", d->what);
	}
	return rc;
}

static void decompress_close(struct ohc_source *src)
{
	struct decompress *d = (struct decompress *)src;

	end_decoding(d);
	if (d->own)
		ohc_source_close(d->below);
	free(d->what);
	free(d);
}

struct ohc_source *ohc_codec_decompress(struct ohc_source *below, bool own, const char *what)
{
	static const struct ohc_source_ops again = { decompress_read, decompress_seek,
						     decompress_close };
	static const struct ohc_source_ops once = { decompress_read, NULL, decompress_close };
	struct decompress *d = ohc_xcalloc(1, sizeof(*d));

	d->source.ops = ohc_source_can_seek(below) ? &again : &once;
	d->below = below;
	d->own = own;
	d->what = ohc_xstrdup(what);
	return &d->source;
}

enum ohc_compression ohc_codec_decompress_found(const struct ohc_source *src)
{
	return ((const struct decompress *)src)->found;
}
