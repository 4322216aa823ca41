/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads parts of a compressed file, by the offset in its plain bytes.  That can only be done by
 * decompressing from the start; so a decompressor is kept where it stands, for a part behind that,
 * and reading parts in their order costs one pass.
 *
 *	pool = ohc_stream_pool_new(fd, size, name);
 *	src = ohc_stream_pool_open(pool, offset, len);	any number, from any thread
 *	...
 *	ohc_source_close(src);
 *	ohc_stream_pool_free(pool);			after its sources
 *
 * A part that goes past the end of the file is OHC_E_FORMAT.
 */
#ifndef OHC_OCI_CODEC_STREAM_POOL_H
#define OHC_OCI_CODEC_STREAM_POOL_H

#include "core/io.h"

struct ohc_stream_pool;

/* fd stays the caller's; name is for messages. */
struct ohc_stream_pool *ohc_stream_pool_new(int fd, uint64_t size, const char *name);
struct ohc_source *ohc_stream_pool_open(struct ohc_stream_pool *pool, uint64_t offset,
					uint64_t len);
void ohc_stream_pool_free(struct ohc_stream_pool *pool);

#endif
