// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "dribble.h"
#include "oci/codec/compress.h"
#include "oci/tar/tar.h"

static struct ohc_error err;

static const struct ohc_codec codecs[] = {
	{ OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false },
	{ OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, false },
	{ OHC_COMPRESSION_GZIP, 1, false },
	{ OHC_COMPRESSION_GZIP, 6, false },
	{ OHC_COMPRESSION_ZSTD, OHC_LEVEL_DEFAULT, false },
};

/* Half text-like, half noise, so that stored and packed blocks both occur. */
static void fill(unsigned char *p, size_t n)
{
	srand(7);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i / 4096 % 2 ? rand() : "the quick brown fox"[i % 19]);
}

static void compress(const struct ohc_codec *c, const unsigned char *p, size_t n, size_t block,
		     struct ohc_buf *out)
{
	struct ohc_codec_encoder *e = ohc_codec_encoder_new(c);
	ohc_cleanup(ohc_freep) unsigned char *room = malloc(ohc_codec_bound(c, block));
	unsigned char edge[OHC_CODEC_EDGE];
	uint32_t crc = 0, block_crc;

	ohc_buf_add(out, edge, ohc_codec_head(c, edge));
	for (size_t at = 0; at < n; at += block) {
		size_t len = n - at < block ? n - at : block;
		ssize_t done =
			ohc_codec_encode(e, p + at, len, at + len == n, room, &block_crc, &err);

		assert_true(done >= 0);
		assert_true((size_t)done <= ohc_codec_bound(c, block));
		ohc_buf_add(out, room, (size_t)done);
		crc = ohc_codec_join(crc, block_crc, len);
	}
	ohc_buf_add(out, edge, ohc_codec_tail(c, crc, n, edge));
	ohc_codec_encoder_free(e);
}

static int decompress(const struct ohc_buf *in, size_t piece, struct ohc_buf *out,
		      enum ohc_compression *found)
{
	struct ohc_source *below = ohc_source_memory(in->data, in->len);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_codec_decompress(below, true, "layer");
	ohc_cleanup(ohc_freep) char *buf = malloc(piece);
	ssize_t n;

	while ((n = ohc_source_read(src, buf, piece, &err)) > 0)
		ohc_buf_add(out, buf, (size_t)n);
	*found = ohc_codec_decompress_found(src);
	return (int)n;
}

static void test_round_trip_in_blocks(void **state)
{
	static const size_t sizes[] = { 1, 16, 17, 511, 65536, 65537, 300000 };
	static const size_t pieces[] = { 1, 4096, 1 << 20 };
	ohc_cleanup(ohc_freep) unsigned char *p = malloc(300000);
	enum ohc_compression found;

	(void)state;
	fill(p, 300000);
	for (size_t c = 0; c < OHC_ARRAY_SIZE(codecs); c++)
		for (size_t s = 0; s < OHC_ARRAY_SIZE(sizes); s++)
			for (size_t i = 0; i < OHC_ARRAY_SIZE(pieces); i++) {
				ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
				ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;

				compress(&codecs[c], p, sizes[s], 65536, &z);
				assert_int_equal(decompress(&z, pieces[i], &back, &found), 0);
				assert_int_equal(back.len, sizes[s]);
				assert_memory_equal(back.data, p, sizes[s]);
				assert_int_equal(found, codecs[c].compression);
			}
}

static void test_noise_fits_the_bound(void **state)
{
	size_t n = 1 << 20;
	ohc_cleanup(ohc_freep) unsigned char *p = malloc(n);

	(void)state;
	srand(3);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(rand() >> 7);
	for (size_t c = 0; c < OHC_ARRAY_SIZE(codecs); c++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;

		compress(&codecs[c], p, n, n, &z);
		assert_true(z.len < n + n / 8 + 2048);
	}
}

static size_t size_of(const struct ohc_codec *c, const unsigned char *p, size_t n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT, back = OHC_BUF_INIT;
	unsigned char edge[OHC_CODEC_EDGE];
	enum ohc_compression found;

	compress(c, p, n, n, &z);
	assert_int_equal(decompress(&z, 1 << 20, &back, &found), 0);
	assert_int_equal(back.len, n);
	assert_memory_equal(back.data, p, n);
	return z.len - ohc_codec_head(c, edge) - ohc_codec_tail(c, 0, 0, edge);
}

/* Data that is packed already costs five bytes in 64 KiB and no time; what only looks like it in
 * its first bytes, or by how often its bytes occur, is compressed. */
static void test_packed_blocks_are_stored(void **state)
{
	const size_t n = OHC_CODEC_BLOCK;
	ohc_cleanup(ohc_freep) unsigned char *noise = malloc(n), *p = malloc(n);

	(void)state;
	srand(11);
	for (size_t i = 0; i < n; i++)
		noise[i] = (unsigned char)(rand() >> 9);
	for (size_t c = 0; c < OHC_ARRAY_SIZE(codecs); c++) {
		if (codecs[c].compression != OHC_COMPRESSION_GZIP)
			continue;
		assert_int_equal(size_of(&codecs[c], noise, n), n + 9 * 5);
		for (size_t i = 0; i < n; i++)
			p[i] = noise[i % 8192];
		assert_true(size_of(&codecs[c], p, n) < n - n / 4);
		for (size_t i = 0; i < n; i++)
			p[i] = i < n / 4 ? noise[i] : 'x';
		assert_true(size_of(&codecs[c], p, n) < n / 2);
		for (size_t i = 0; i < n; i++)
			p[i] = noise[i] & 63;
		assert_true(size_of(&codecs[c], p, n) < n - n / 8);
	}
}

static void test_members_one_after_another_are_one_stream(void **state)
{
	enum ohc_compression found;

	(void)state;
	for (size_t c = 1; c < OHC_ARRAY_SIZE(codecs); c++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;

		compress(&codecs[c], (const unsigned char *)"hello ", 6, 4096, &z);
		compress(&codecs[c], (const unsigned char *)"world", 5, 4096, &z);
		if (codecs[c].compression == OHC_COMPRESSION_GZIP)
			ohc_buf_add(&z, "\0\0\0\0", 4); /* padding */
		assert_int_equal(decompress(&z, 3, &back, &found), 0);
		assert_string_equal(ohc_buf_str(&back), "hello world");
	}
}

/* RFC 1952, 8 */
static uint32_t crc_of(const char *p, size_t n)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)p[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
	}
	return ~crc;
}

/* RFC 1952, 2.3.1: every field that a header may have, with whatever flags. */
static void put_header(struct ohc_buf *out, unsigned char flags, bool wrong_crc)
{
	static const unsigned char fixed[] = { 0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 0, 3 };
	size_t before = out->len;
	uint32_t crc;

	ohc_buf_add(out, fixed, sizeof(fixed));
	out->data[before + 3] = (char)flags;
	if (flags & 4)
		ohc_buf_add(out, "\5\0AB\1\0x", 7);
	if (flags & 8)
		ohc_buf_add(out, "layer.tar", 10);
	if (flags & 16)
		ohc_buf_add(out, "", 1);
	crc = crc_of(out->data + before, out->len - before);
	crc ^= wrong_crc;
	if (flags & 2) {
		ohc_buf_addc(out, (char)crc);
		ohc_buf_addc(out, (char)(crc >> 8));
	}
}

/* The plain bytes, or a code. */
static int decompress_pieces(const struct ohc_buf *in, size_t step, struct ohc_buf *out)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_codec_decompress(dribble_new(in->data, in->len, step), true, "layer");

	return ohc_source_read_all(src, 1 << 20, out, &err);
}

/* Whatever reads its bytes come in, and twice in one stream. */
static void test_gzip_headers(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf member = OHC_BUF_INIT;
	const size_t plain_header = 10;

	(void)state;
	compress(&codecs[1], (const unsigned char *)"hello ", 6, 4096, &member);
	for (unsigned int flags = 0; flags < 64; flags++)
		for (size_t step = 1; step < 60; step++) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
			ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;

			for (int i = 0; i < 2; i++) {
				put_header(&z, (unsigned char)flags, false);
				ohc_buf_add(&z, member.data + plain_header,
					    member.len - plain_header);
			}
			if (flags & 32) { /* reserved */
				assert_int_equal(decompress_pieces(&z, step, &back), -OHC_E_FORMAT);
				continue;
			}
			assert_int_equal(decompress_pieces(&z, step, &back), 0);
			assert_string_equal(ohc_buf_str(&back), "hello hello ");
		}
	for (size_t step = 1; step < 60; step++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;

		put_header(&z, 2, true);
		ohc_buf_add(&z, member.data + plain_header, member.len - plain_header);
		assert_int_equal(decompress_pieces(&z, step, &back), -OHC_E_FORMAT);
		for (size_t cut = 1; cut < 18; cut++) {
			struct ohc_buf head = { z.data, cut < z.len ? cut : z.len, 0 };

			if (cut >= 2)
				assert_int_equal(decompress_pieces(&head, step, &back),
						 -OHC_E_FORMAT);
		}
	}
}

/* "hello " and nothing, by xz(1) and bzip2(1). */
static const char xz_hello[] =
	"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00"
	"\x00\x00\x74\x2f\xe5\xa3\x01\x00\x05\x68\x65\x6c\x6c\x6f\x20\x00\x00\x00"
	"\x0a\xb0\xaf\x04\xba\x05\xef\x18\x00\x01\x1e\x06\xc1\x2f\xa4\x1d\x1f\xb6"
	"\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
static const char xz_nothing[] =
	"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x00\x00\x00\x00\x1c\xdf"
	"\x44\x21\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
static const char bzip2_hello[] =
	"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x76\x69\xe0\xd4\x00\x00\x01\x11"
	"\x00\x40\x00\x02\x44\xa0\x00\x30\xcd\x00\xc3\x46\x29\x97\x17\x72\x45\x38"
	"\x50\x90\x76\x69\xe0\xd4";
static const char bzip2_nothing[] = "\x42\x5a\x68\x39\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00";

struct packed {
	const char *hello, *nothing;
	size_t n_hello, n_nothing;
	enum ohc_compression is;
};

static void check_packed(const struct packed *p, size_t step)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT, back = OHC_BUF_INIT;
	enum ohc_compression found;

	ohc_buf_add(&z, p->hello, p->n_hello);
	ohc_buf_add(&z, p->nothing, p->n_nothing);
	ohc_buf_add(&z, p->hello, p->n_hello);
	assert_int_equal(decompress_pieces(&z, step, &back), 0);
	assert_string_equal(ohc_buf_str(&back), "hello hello ");
	assert_int_equal(decompress(&z, step, &back, &found), 0);
	assert_int_equal(found, p->is);
	ohc_buf_truncate(&z, 0);
	ohc_buf_truncate(&back, 0);
	ohc_buf_add(&z, p->nothing, p->n_nothing);
	assert_int_equal(decompress_pieces(&z, step, &back), 0);
	assert_int_equal(back.len, 0);
	for (size_t cut = OHC_CODEC_MAGIC; cut < p->n_hello; cut++) {
		struct ohc_buf head = { (char *)p->hello, cut, 0 };

		assert_int_equal(decompress_pieces(&head, step, &back), -OHC_E_FORMAT);
		assert_non_null(strstr(err.msg, ohc_media_compression_name(p->is)));
	}
}

static void test_xz_and_bzip2(void **state)
{
	static const struct packed rows[] = {
		{ xz_hello, xz_nothing, sizeof(xz_hello) - 1, sizeof(xz_nothing) - 1,
		  OHC_COMPRESSION_XZ },
		{ bzip2_hello, bzip2_nothing, sizeof(bzip2_hello) - 1, sizeof(bzip2_nothing) - 1,
		  OHC_COMPRESSION_BZIP2 },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++)
		for (size_t step = 1; step < 200; step += step < 20 ? 1 : 37)
			check_packed(&rows[i], step);
}

/* A blob proves itself at its end, also behind what is decompressed. */
static void test_what_lies_behind(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = { { xz_hello, sizeof(xz_hello) - 1 }, { bzip2_hello, sizeof(bzip2_hello) - 1 } };
	const size_t more = 1 << 20;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *all = ohc_xcalloc(1, rows[i].n + more);
		ohc_cleanup(ohc_source_closep) struct ohc_source *below = NULL, *src = NULL;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
		char byte;

		memcpy(all, rows[i].bytes, rows[i].n);
		below = ohc_source_memory(all, rows[i].n + more);
		src = ohc_codec_decompress(below, false, "it");
		if (ohc_source_read_all(src, 1 << 20, &back, &err) == 0)
			assert_int_equal(ohc_source_read(below, &byte, 1, &err), 0);
	}
}

/* The name of a file stands first in a tar, and may look like much. */
static void test_guess(void **state)
{
	static const struct {
		const char *head;
		size_t n;
		enum ohc_compression is;
	} rows[] = {
		{ "", 0, OHC_COMPRESSION_NONE },
		{ "\x1f\x8b", 2, OHC_COMPRESSION_GZIP },
		{ "\x1f", 1, OHC_COMPRESSION_NONE },
		{ "\x28\xb5\x2f\xfd", 4, OHC_COMPRESSION_ZSTD },
		{ "\x5a\x2a\x4d\x18", 4, OHC_COMPRESSION_ZSTD },
		{ "BZh1AY&SY.", 10, OHC_COMPRESSION_NONE },
		{ "BZh91AY&SY", 10, OHC_COMPRESSION_BZIP2 },
		{ "BZh9.txt\0\0", 10, OHC_COMPRESSION_NONE },
		{ "\xfd"
		  "7zXZ\0",
		  6, OHC_COMPRESSION_XZ },
		{ "\xfd"
		  "7zXZ",
		  5, OHC_COMPRESSION_NONE },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++)
		assert_int_equal(ohc_codec_guess(rows[i].head, rows[i].n), rows[i].is);
}

static void test_cut_or_damaged_is_an_error(void **state)
{
	enum ohc_compression found;
	ohc_cleanup(ohc_freep) unsigned char *p = malloc(5000);

	(void)state;
	fill(p, 5000);
	for (size_t c = 1; c < OHC_ARRAY_SIZE(codecs); c++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;

		compress(&codecs[c], p, 5000, 4096, &z);
		for (size_t cut = 5; cut < z.len; cut += 7) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
			struct ohc_buf head = { z.data, cut, 0 };

			/* zstd is cut between its frames here: no reader could tell. */
			if (codecs[c].compression == OHC_COMPRESSION_ZSTD && cut > z.len / 2)
				break;
			assert_int_equal(decompress(&head, 4096, &back, &found), -OHC_E_FORMAT);
			assert_non_null(strstr(err.msg, "cut off"));
		}
		z.data[z.len - 6] ^= 1; /* the checksum */
		ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
		assert_int_equal(decompress(&z, 4096, &back, &found), -OHC_E_FORMAT);
	}
}

/* RFC 8878, 3.1.1.1: a frame header that asks for 2^28 bytes, and an empty block. */
static void test_window_has_a_limit(void **state)
{
	static char frame[] = "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00";
	struct ohc_buf z = { frame, sizeof(frame) - 1, 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
	enum ohc_compression found;

	(void)state;
	assert_int_equal(decompress(&z, 4096, &back, &found), -OHC_E_FORMAT);
	assert_non_null(strstr(err.msg, "compressed with a window of more than 128 MiB"));
	frame[5] = '\x88'; /* 2^27 */
	assert_int_equal(decompress(&z, 4096, &back, &found), 0);
	assert_int_equal(back.len, 0);
}

static void test_levels(void **state)
{
	static const struct {
		struct ohc_codec codec;
		int rc;
	} cases[] = {
		{ { OHC_COMPRESSION_GZIP, 0, false }, -OHC_E_USAGE },
		{ { OHC_COMPRESSION_GZIP, 1, false }, 0 },
		{ { OHC_COMPRESSION_GZIP, 9, false }, 0 },
		{ { OHC_COMPRESSION_GZIP, 10, false }, -OHC_E_USAGE },
		{ { OHC_COMPRESSION_ZSTD, 19, false }, 0 },
		{ { OHC_COMPRESSION_ZSTD, 20, false }, -OHC_E_USAGE },
		{ { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false }, 0 },
		{ { OHC_COMPRESSION_NONE, 1, false }, -OHC_E_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		assert_int_equal(ohc_codec_check(&cases[i].codec, &err), cases[i].rc);
}

/* It tells remembered layers apart. */
static void test_every_codec_has_its_text(void **state)
{
	static const struct ohc_codec all[] = {
		{ OHC_COMPRESSION_GZIP, 1, false },
		{ OHC_COMPRESSION_GZIP, 2, false },
		{ OHC_COMPRESSION_GZIP, 8, false },
		{ OHC_COMPRESSION_GZIP, 9, false },
		{ OHC_COMPRESSION_ZSTD, 1, false },
		{ OHC_COMPRESSION_ZSTD, 2, false },
		{ OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(all); i++)
		for (size_t k = 0; k < i; k++) {
			ohc_cleanup(ohc_freep) char *a = ohc_codec_text(&all[i]);
			ohc_cleanup(ohc_freep) char *b = ohc_codec_text(&all[k]);

			assert_string_not_equal(a, b);
		}
}

/* A stream gives what blocks give, and again after a seek. */
/* The bytes of a portable codec are zlib's, which is what a level above ISA-L's own gives. */
static void test_portable_gzip_is_zlibs(void **state)
{
	static const struct ohc_codec portable[] = {
		{ OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, true },
		{ OHC_COMPRESSION_GZIP, 1, true },
		{ OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, true },
	};
	static const struct ohc_codec zlib = { OHC_COMPRESSION_GZIP, 6, false };
	static const char *const names[] = { "zlib level 6", "zlib level 1", "none" };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf a = OHC_BUF_INIT, b = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) unsigned char *p = malloc(300000);

	(void)state;
	fill(p, 300000);
	compress(&portable[0], p, 300000, 65536, &a);
	compress(&zlib, p, 300000, 65536, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(portable); i++) {
		ohc_cleanup(ohc_freep) char *name = ohc_codec_name(&portable[i]);

		assert_string_equal(name, names[i]);
	}
}

static void test_compress_as_a_source(void **state)
{
	static const size_t sizes[] = { 0,
					1,
					17,
					OHC_CODEC_BLOCK - 1,
					OHC_CODEC_BLOCK,
					OHC_CODEC_BLOCK + 1,
					3 * OHC_CODEC_BLOCK };
	ohc_cleanup(ohc_freep) unsigned char *p = malloc(3 * OHC_CODEC_BLOCK);

	(void)state;
	fill(p, 3 * OHC_CODEC_BLOCK);
	for (size_t k = 0; k < OHC_ARRAY_SIZE(codecs); k++)
		for (size_t i = 0; i < OHC_ARRAY_SIZE(sizes); i++) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
			ohc_cleanup(ohc_buf_clear) struct ohc_buf again = OHC_BUF_INIT;
			ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
			ohc_cleanup(ohc_source_closep) struct ohc_source *src =
				ohc_codec_compress(ohc_source_memory(p, sizes[i]), &codecs[k]);
			enum ohc_compression found;

			assert_int_equal(ohc_source_read_all(src, 1 << 22, &z, &err), 0);
			assert_int_equal(decompress(&z, 4096, &back, &found), 0);
			assert_int_equal(back.len, sizes[i]);
			if (sizes[i])
				assert_memory_equal(back.data, p, sizes[i]);
			assert_int_equal(ohc_source_seek(src, z.len / 2, &err), 0);
			assert_int_equal(ohc_source_read_all(src, 1 << 22, &again, &err), 0);
			assert_int_equal(again.len, z.len - z.len / 2);
			if (again.len)
				assert_memory_equal(again.data, z.data + z.len / 2, again.len);
		}
}

static void test_seek_goes_back(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf z = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	char buf[8] = "";

	(void)state;
	compress(&codecs[1], (const unsigned char *)"0123456789", 10, 4096, &z);
	src = ohc_codec_decompress(ohc_source_memory(z.data, z.len), true, "layer");
	assert_int_equal(ohc_source_read_full(src, buf, 7, &err), 7);
	assert_int_equal(ohc_source_seek(src, 4, &err), 0);
	assert_int_equal(ohc_source_read_full(src, buf, 7, &err), 6);
	assert_memory_equal(buf, "456789", 6);
}

/* A source that counts the bytes that are read of it. */
struct counted {
	struct ohc_source source;
	struct ohc_source *below;
	uint64_t read;
};

static ssize_t counted_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *e)
{
	struct counted *c = (struct counted *)src;
	ssize_t got = ohc_source_read(c->below, buf, n, e);

	c->read += got > 0 ? (uint64_t)got : 0;
	return got;
}

static int counted_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *e)
{
	return ohc_source_seek(((struct counted *)src)->below, offset, e);
}

static void counted_close(struct ohc_source *src)
{
	ohc_source_close(((struct counted *)src)->below);
}

/* An archive's members are found by skipping from header to header: that is one pass. */
static void test_a_compressed_tar_is_listed_in_one_pass(void **state)
{
	static const struct ohc_source_ops ops = { counted_read, counted_seek, counted_close };
	const size_t size = 300000;
	ohc_cleanup(ohc_freep) unsigned char *noise = ohc_xmalloc(size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		noise[i] = (unsigned char)random();
	for (size_t k = 0; k < OHC_ARRAY_SIZE(codecs); k++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT, z = OHC_BUF_INIT;
		ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
		ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w =
			ohc_tar_writer_new(sink);
		ohc_cleanup(ohc_source_closep) struct ohc_source *plain = NULL;
		ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
		struct counted c = { .source = { &ops } };
		struct ohc_tar_entry e = { .path = "f", .mode = 0100644, .size = (int64_t)size };
		int rc, n = 0;

		for (int i = 0; i < 20; i++) {
			assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
			assert_int_equal(ohc_tar_write_data(w, noise, size, &err), 0);
		}
		assert_int_equal(ohc_tar_finish(w, &err), 0);
		compress(&codecs[k], (unsigned char *)tar.data, tar.len, 65536, &z);
		c.below = ohc_source_memory(z.data, z.len);
		plain = ohc_codec_decompress(&c.source, true, "x");
		r = ohc_tar_reader_new(plain, "x");
		while ((rc = ohc_tar_next(r, &e, &err)) > 0)
			n++;
		assert_int_equal(rc, 0);
		assert_int_equal(n, 20);
		assert_in_range(c.read, 1, z.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip_in_blocks),
		cmocka_unit_test(test_noise_fits_the_bound),
		cmocka_unit_test(test_packed_blocks_are_stored),
		cmocka_unit_test(test_members_one_after_another_are_one_stream),
		cmocka_unit_test(test_gzip_headers),
		cmocka_unit_test(test_xz_and_bzip2),
		cmocka_unit_test(test_what_lies_behind),
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_cut_or_damaged_is_an_error),
		cmocka_unit_test(test_window_has_a_limit),
		cmocka_unit_test(test_every_codec_has_its_text),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_portable_gzip_is_zlibs),
		cmocka_unit_test(test_compress_as_a_source),
		cmocka_unit_test(test_seek_goes_back),
		cmocka_unit_test(test_a_compressed_tar_is_listed_in_one_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
