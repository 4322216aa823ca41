// SPDX-License-Identifier: Apache-2.0
/* Magic numbers. */
#include <string.h>

#include "core/alloc.h"
#include "oci/codec/codec.h"

enum ohc_compression ohc_codec_guess(const void *head, size_t n)
{
	static const struct {
		enum ohc_compression is;
		size_t n;
		const char *bytes, *mask; /* mask: a byte of '0' is left out */
	} magics[] = {
		{ OHC_COMPRESSION_GZIP, 2, "\x1f\x8b", "11" },
		{ OHC_COMPRESSION_ZSTD, 4, "\x28\xb5\x2f\xfd", "1111" },
		{ OHC_COMPRESSION_XZ, 6,
		  "\xfd"
		  "7zXZ\0",
		  "111111" },
		{ OHC_COMPRESSION_BZIP2, 10,
		  "BZh9"
		  "1AY&SY",
		  "1110111111" },
		{ OHC_COMPRESSION_BZIP2, 10,
		  "BZh9"
		  "\x17\x72\x45\x38\x50\x90",
		  "1110111111" },
	};
	const unsigned char *h = head;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(magics); i++) {
		size_t k = 0;

		while (n >= magics[i].n && k < magics[i].n &&
		       (magics[i].mask[k] == '0' || h[k] == (unsigned char)magics[i].bytes[k]))
			k++;
		if (k == magics[i].n)
			return magics[i].is;
	}
	/* A skippable frame (RFC 8878, 3.1.2). */
	if (n >= 4 && (h[0] & 0xf0) == 0x50 && memcmp(h + 1, "\x2a\x4d\x18", 3) == 0)
		return OHC_COMPRESSION_ZSTD;
	return OHC_COMPRESSION_NONE;
}
