/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layer compression: gzip (RFC 1952), zstd (RFC 8878) and none; the one door to ISA-L, zlib and
 * libzstd.  xz and bzip2 are decompressed, too (oci/tar/filter.h): docker's archives have them.
 *
 * Compressing works on blocks of one layer that know nothing of each other, so that any number of
 * threads may have one each, and the bytes do not depend on how many do:
 *
 *	gzip	head ++ deflate(block)… ++ tail	one member; each block but the last ends on a byte
 *						boundary (an empty stored block), and what is packed
 *						already is stored (oci/codec/stored.c)
 *	zstd	frame(block)…			one frame a block, as pzstd writes them
 *	none	block…
 *
 *	enc = ohc_codec_encoder_new(&codec);				one a thread
 *	n = ohc_codec_encode(enc, in, in_len, last, out, &crc, err);	out: ohc_codec_bound() bytes
 *
 * and whoever puts them in order writes ohc_codec_head() first, feeds each block's crc to
 * ohc_codec_join() and writes ohc_codec_tail() at the end.
 *
 * ISA-L's bytes are the same for one version of it on one kind of processor; those of zlib and
 * libzstd do not depend on the processor, but on the library.  The diff ID, over the plain tar, is
 * the same everywhere.  Small layers that must be the same everywhere are compressed `portable`; no
 * compressed bytes are ever compared with a golden file.
 */
#ifndef OHC_OCI_CODEC_CODEC_H
#define OHC_OCI_CODEC_CODEC_H

#include <stdint.h>

#include "core/io.h"
#include "oci/documents/media.h"

#define OHC_LEVEL_DEFAULT (-1)

struct ohc_codec {
	enum ohc_compression compression;
	int level;     /* gzip 1..9, zstd 1..19, or OHC_LEVEL_DEFAULT */
	bool portable; /* gzip by zlib at any level, whose bytes are the same on every processor */
};

/* By its name: "gzip" (also for NULL), "zstd" or "none"; OHC_E_USAGE. */
int ohc_codec_parse(const char *name, int level, struct ohc_codec *ret, struct ohc_error *err);

/* OHC_E_USAGE naming the range when the level is not one of the compression's. */
int ohc_codec_check(const struct ohc_codec *codec, struct ohc_error *err);

/* Names all that the compressed bytes depend on besides the plain ones: the library, its version
 * and the level, "isa-l 2.30.0 level 2, packed data stored".  gzip is ISA-L's at levels up to 2 and
 * by default, zlib's above, and always where ISA-L was not built in or a portable one is wanted.
 * The caller frees it. */
char *ohc_codec_text(const struct ohc_codec *codec);

/* The same for a record that machines with different libraries are to write alike: "zlib level 6",
 * because zlib 1.2.8 to 1.3.1 give the same bytes at every level (zlib-ng, which does not, is
 * called so).  Other libraries are named with their version.  The caller frees it. */
char *ohc_codec_name(const struct ohc_codec *codec);

/* The size of a block for everything that compresses layers: the compressed bytes depend on it. */
#define OHC_CODEC_BLOCK (512 * 1024)

struct ohc_codec_encoder;

struct ohc_codec_encoder *ohc_codec_encoder_new(const struct ohc_codec *codec);
void ohc_codec_encoder_free(struct ohc_codec_encoder *enc);

/* The room that a block of n bytes needs at most. */
size_t ohc_codec_bound(const struct ohc_codec *codec, size_t n);

/* Compresses a block.  last: the layer ends with it (its n may be 0).  Returns the bytes in out;
 * *ret_crc is the block's CRC-32 for gzip. */
ssize_t ohc_codec_encode(struct ohc_codec_encoder *enc, const void *in, size_t n, bool last,
			 void *out, uint32_t *ret_crc, struct ohc_error *err);

/* The header before and the trailer behind the blocks; their lengths may be 0. */
#define OHC_CODEC_EDGE 16
size_t ohc_codec_head(const struct ohc_codec *codec, unsigned char out[OHC_CODEC_EDGE]);
uint32_t ohc_codec_join(uint32_t crc, uint32_t block_crc, size_t block_len);
size_t ohc_codec_tail(const struct ohc_codec *codec, uint32_t crc, uint64_t plain_size,
		      unsigned char out[OHC_CODEC_EDGE]);

/* Tells the compression by the first bytes: at most OHC_CODEC_MAGIC of them are looked at.  A tar
 * is none of these, whatever its first file is called. */
#define OHC_CODEC_MAGIC 10
enum ohc_compression ohc_codec_guess(const void *head, size_t n);

/*
 * A source of the plain bytes of `below`, which it owns when `own` is set.  The compression is told
 * by the first bytes, not by a media type (registries have gzip layers under "tar" and the other
 * way round); several members or frames one after another are one stream.  Damaged or cut input is
 * OHC_E_FORMAT.  It can seek when below can, forward by reading on, back by starting over.  At its
 * end it has read below to its end too, so that a checked source below has proved itself.
 */
struct ohc_source *ohc_codec_decompress(struct ohc_source *below, bool own, const char *what);

/* The compression that ohc_codec_decompress() found; valid after the first read. */
enum ohc_compression ohc_codec_decompress_found(const struct ohc_source *src);

#endif
