// SPDX-License-Identifier: Apache-2.0
#include "oci/codec/codec.h"

#include <string.h>
#include <zlib.h>

#include "core/alloc.h"
#include "oci/codec/codec_internal.h"
#include "oci/codec/stored.h"

static const char *plain_version(void)
{
	return "1";
}

static size_t plain_bound(size_t n)
{
	return n;
}

static void *plain_start(int level)
{
	(void)level;
	return ohc_xmalloc(1);
}

static ssize_t plain_block(void *state, const void *in, size_t n, bool last, void *out, size_t room)
{
	(void)state, (void)last;
	if (n > room)
		return -1;
	memcpy(out, in, n);
	return (ssize_t)n;
}

static const struct ohc_encode_ops encode_plain = { "none",      plain_version, plain_bound,
						    plain_start, plain_block,   free,
						    NULL };

/* ISA-L does the fast levels of gzip; zlib does the slow ones, and all of them where ISA-L is not
 * built in. */
#ifdef HAVE_ISAL
#define FAST      (&ohc_encode_isal)
#define FAST_BEST 2
#else
#define FAST      (&ohc_encode_zlib)
#define FAST_BEST 1
#endif

static const struct {
	int min, max, def;
} levels[] = {
	[OHC_COMPRESSION_NONE] = { 0, 0, 0 },
	[OHC_COMPRESSION_GZIP] = { 1, 9, FAST_BEST },
	[OHC_COMPRESSION_ZSTD] = { 1, 19, 3 },
};

/* zlib's own choice. */
#define PORTABLE_DEFAULT 6

static int level_of(const struct ohc_codec *c)
{
	if (c->level != OHC_LEVEL_DEFAULT)
		return c->level;
	return c->portable && c->compression == OHC_COMPRESSION_GZIP ? PORTABLE_DEFAULT
								     : levels[c->compression].def;
}

static const struct ohc_encode_ops *ops_of(const struct ohc_codec *c)
{
	if (c->compression == OHC_COMPRESSION_ZSTD)
		return &ohc_encode_zstd;
	if (c->compression == OHC_COMPRESSION_NONE)
		return &encode_plain;
	return level_of(c) <= FAST_BEST && !c->portable ? FAST : &ohc_encode_zlib;
}

int ohc_codec_check(const struct ohc_codec *c, struct ohc_error *err)
{
	int level = level_of(c);

	if (level >= levels[c->compression].min && level <= levels[c->compression].max)
		return 0;
	if (c->compression == OHC_COMPRESSION_NONE)
		return ohc_error_set(err, OHC_E_USAGE, "compression 'none' has no level");
	return ohc_error_set(err, OHC_E_USAGE, "there is no level %d of %s, only %d to %d",
			     c->level, ohc_media_compression_name(c->compression),
			     levels[c->compression].min, levels[c->compression].max);
}

int ohc_codec_parse(const char *name, int level, struct ohc_codec *ret, struct ohc_error *err)
{
	struct ohc_codec codec = { OHC_COMPRESSION_GZIP, level, false };
	int c = OHC_COMPRESSION_NONE, rc;

	while (name && c <= OHC_COMPRESSION_ZSTD &&
	       strcmp(name, ohc_media_compression_name((enum ohc_compression)c)) != 0)
		c++;
	if (c > OHC_COMPRESSION_ZSTD)
		return ohc_error_set(err, OHC_E_USAGE,
				     "unknown compression '%s': gzip, zstd or none", name);
	if (name)
		codec.compression = (enum ohc_compression)c;
	rc = ohc_codec_check(&codec, err);
	if (rc == 0)
		*ret = codec;
	return rc;
}

/* Portable bytes are those of the library alone; zstd sees by itself what is packed. */
static bool stores_packed(const struct ohc_codec *c)
{
	return c->compression == OHC_COMPRESSION_GZIP && !c->portable;
}

char *ohc_codec_text(const struct ohc_codec *c)
{
	const struct ohc_encode_ops *ops = ops_of(c);

	return ohc_xasprintf("%s %s level %d%s", ops->engine, ops->version(), level_of(c),
			     stores_packed(c) ? ", packed data stored" : "");
}

char *ohc_codec_name(const struct ohc_codec *c)
{
	const struct ohc_encode_ops *ops = ops_of(c);

	if (ops == &encode_plain)
		return ohc_xstrdup(ops->engine);
	if (ops != &ohc_encode_zlib)
		return ohc_codec_text(c);
	return ohc_xasprintf("zlib%s level %d%s", strstr(ops->version(), "ng") ? "-ng" : "",
			     level_of(c), stores_packed(c) ? ", packed data stored" : "");
}

size_t ohc_codec_bound(const struct ohc_codec *c, size_t n)
{
	return ops_of(c)->bound(n);
}

struct ohc_codec_encoder {
	struct ohc_codec codec;
	const struct ohc_encode_ops *ops;
	void *state;
};

struct ohc_codec_encoder *ohc_codec_encoder_new(const struct ohc_codec *codec)
{
	struct ohc_codec_encoder *e = ohc_xcalloc(1, sizeof(*e));

	e->codec = *codec;
	e->ops = ops_of(codec);
	e->state = e->ops->start(level_of(codec));
	return e;
}

void ohc_codec_encoder_free(struct ohc_codec_encoder *e)
{
	if (!e)
		return;
	e->ops->end(e->state);
	free(e);
}

ssize_t ohc_codec_encode(struct ohc_codec_encoder *e, const void *in, size_t n, bool last,
			 void *out, uint32_t *ret_crc, struct ohc_error *err)
{
	ssize_t done;

	if (stores_packed(&e->codec) && ohc_stored_wanted(e->ops, e->state, in, n, out))
		done = (ssize_t)ohc_stored_write(in, n, last, out);
	else
		done = e->ops->block(e->state, in, n, last, out, e->ops->bound(n));
	if (done < 0)
		return ohc_error_set(err, OHC_E_FAILED,
				     "%s could not compress a block of %zu bytes", e->ops->engine,
				     n);
	*ret_crc = e->ops->crc ? e->ops->crc(in, n) : 0;
	return done;
}

size_t ohc_codec_head(const struct ohc_codec *c, unsigned char out[OHC_CODEC_EDGE])
{
	/* RFC 1952: no name, no time, unknown system, so that nothing of the machine is in it. */
	static const unsigned char gzip[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };

	if (c->compression != OHC_COMPRESSION_GZIP)
		return 0;
	memcpy(out, gzip, sizeof(gzip));
	return sizeof(gzip);
}

uint32_t ohc_codec_join(uint32_t crc, uint32_t block_crc, size_t block_len)
{
	return (uint32_t)crc32_combine(crc, block_crc, (z_off_t)block_len);
}

size_t ohc_codec_tail(const struct ohc_codec *c, uint32_t crc, uint64_t plain_size,
		      unsigned char out[OHC_CODEC_EDGE])
{
	if (c->compression != OHC_COMPRESSION_GZIP)
		return 0;
	for (int i = 0; i < 4; i++) {
		out[i] = (unsigned char)(crc >> (8 * i));
		out[4 + i] = (unsigned char)(plain_size >> (8 * i));
	}
	return 8;
}
