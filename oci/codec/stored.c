// SPDX-License-Identifier: Apache-2.0
/*
 * Blocks that are packed already (archives, images, fonts) are stored: deflate would find nothing
 * in them, and look for it at length.  Whether a block is packed is decided by its bytes alone, so
 * that any number of threads gives the same bytes: four pieces of it are counted, which costs a
 * hundredth of compressing it, and where every byte is about as frequent as every other the first
 * 64 KiB are compressed, to see that nothing comes of that.
 */
#include "oci/codec/stored.h"

#include <string.h>

#define PIECES 4
#define PIECE  2048
#define COUNT  (PIECES * PIECE)
#define TRIAL  (64 * 1024)
#define STORED 65535 /* the limit of a stored block's length (RFC 1951, 3.2.4) */

/* The sum of the squares of how often each byte occurs: of n random bytes it is n²/256 + n, with a
 * deviation of a hundredth; of anything else it is larger.  UTF-8, code and base64 have several
 * times as much. */
static bool is_even(const unsigned char *in, size_t n)
{
	const uint64_t random = (uint64_t)COUNT * COUNT / 256 + COUNT;
	uint32_t counts[256] = { 0 };
	uint64_t sum = 0;

	for (size_t piece = 0; piece < PIECES; piece++) {
		const unsigned char *p = in + piece * ((n - PIECE) / (PIECES - 1));

		for (size_t i = 0; i < PIECE; i++)
			counts[p[i]]++;
	}
	for (size_t i = 0; i < 256; i++)
		sum += (uint64_t)counts[i] * counts[i];
	return sum < random + random / 12;
}

bool ohc_stored_wanted(const struct ohc_encode_ops *ops, void *state, const void *in, size_t n,
		       void *out)
{
	ssize_t made;

	if (n < TRIAL || !is_even(in, n))
		return false;
	made = ops->block(state, in, TRIAL, false, out, ops->bound(TRIAL));
	return made >= TRIAL - TRIAL / 64;
}

size_t ohc_stored_write(const void *in, size_t n, bool last, void *out)
{
	const unsigned char *from = in;
	unsigned char *to = out;

	do {
		size_t some = n < STORED ? n : STORED;

		to[0] = last && some == n;
		to[1] = (unsigned char)some;
		to[2] = (unsigned char)(some >> 8);
		to[3] = (unsigned char)~to[1];
		to[4] = (unsigned char)~to[2];
		memcpy(to + 5, from, some);
		to += 5 + some;
		from += some;
		n -= some;
	} while (n > 0);
	return (size_t)(to - (unsigned char *)out);
}
