/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of plain bytes as a source of its compressed ones, one block after another: the bytes
 * are those that layout/layer/pipeline.h makes of the same tar with any number of threads.
 *
 *	src = ohc_codec_compress(plain, &codec);
 *	rc = ohc_store_put_blob(store, src, NULL, media_type, &descriptor, err);
 *	ohc_source_close(src);
 *
 * It can seek when plain can: back by starting over, so that an upload that broke is made again.
 */
#ifndef OHC_OCI_CODEC_COMPRESS_H
#define OHC_OCI_CODEC_COMPRESS_H

#include "oci/codec/codec.h"

/* Owns plain.  The codec was checked (ohc_codec_check). */
struct ohc_source *ohc_codec_compress(struct ohc_source *plain, const struct ohc_codec *codec);

#endif
