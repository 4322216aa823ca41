// SPDX-License-Identifier: Apache-2.0
#include "oci/codec/inflate.h"

#include <zlib.h>

#include "core/alloc.h"

int ohc_inflate(const void *data, size_t n, size_t max, struct ohc_buf *ret, struct ohc_error *err)
{
	z_stream z = { .next_in = (void *)data, .avail_in = (uInt)n };
	unsigned char piece[16 * 1024];
	bool fits = true;
	int rc = inflateInit(&z);

	while (rc == Z_OK && fits) {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		rc = inflate(&z, Z_NO_FLUSH);
		if (rc == Z_OK || rc == Z_STREAM_END)
			fits = ohc_buf_add_max(ret, piece, sizeof(piece) - z.avail_out, max);
	}
	inflateEnd(&z);
	return rc == Z_STREAM_END && fits
		       ? 0
		       : ohc_error_set(err, OHC_E_FORMAT, "it is not what zlib compresses");
}
