/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface of codec.c and decompress.c to a compression library: one table of functions each
 * way, filled in isal.c, zlib.c and zstd.c.
 */
#ifndef OHC_OCI_CODEC_CODEC_INTERNAL_H
#define OHC_OCI_CODEC_CODEC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ohc_encode_ops {
	const char *engine;
	const char *(*version)(void); /* of the library */
	size_t (*bound)(size_t n);
	void *(*start)(int level);
	/* Compresses one block.  Returns the bytes written, or -1 when out is too small. */
	ssize_t (*block)(void *state, const void *in, size_t n, bool last, void *out, size_t room);
	void (*end)(void *state);
	uint32_t (*crc)(const void *in, size_t n); /* NULL: none is wanted */
};

/* One step: moves *in and *out on.  1 at the end of a member or frame, 0 to go on, -1 damaged,
 * -2 more memory is needed for it than it may have. */
struct ohc_decode_ops {
	void *(*start)(void);
	void (*reset)(void *state);
	int (*step)(void *state, const unsigned char **in, size_t *in_len, unsigned char **out,
		    size_t *out_len);
	void (*end)(void *state);
};

extern const struct ohc_encode_ops ohc_encode_zlib, ohc_encode_zstd;
extern const struct ohc_decode_ops ohc_decode_zstd;
#ifdef HAVE_ISAL
extern const struct ohc_encode_ops ohc_encode_isal;
extern const struct ohc_decode_ops ohc_decode_isal;
#else
extern const struct ohc_decode_ops ohc_decode_zlib;
#endif

#endif
