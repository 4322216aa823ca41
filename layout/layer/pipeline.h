/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a layer, as a source of its compressed bytes:
 *
 *	entries -> tar -> ring of blocks -> sha256 (diff ID)
 *	                               \-> N compressors -> in order -> the reader
 *
 * The tar is written on a thread of its own while the reader pulls, so a layer of any size takes
 * the same memory: (2N + 4) blocks of 512 KiB, plain and compressed.  The bytes do not depend on N.
 *
 *	src = ohc_layer_source(write_entries, ctx, &codec, threads);
 *	rc = ohc_store_put_blob(store, src, NULL, media_type, &descriptor, err);
 *	ohc_layer_result(src, &result);			after the end was read
 *	ohc_source_close(src);
 *
 * Seeking starts over, so an upload that broke can be made again.
 */
#ifndef OHC_LAYOUT_LAYER_PIPELINE_H
#define OHC_LAYOUT_LAYER_PIPELINE_H

#include "core/io.h"
#include "oci/codec/codec.h"
#include "oci/documents/digest.h"
#include "oci/tar/tar.h"

/* Writes all entries, not the end.  Called on another thread, again after a seek; the same entries
 * each time. */
typedef int (*ohc_layer_fn)(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

struct ohc_layer_result {
	char diff_id[OHC_DIGEST_MAX]; /* digest of the plain tar */
	uint64_t plain_size;
};

/* threads 0: as many as processors.  The codec was checked (ohc_codec_check). */
struct ohc_source *ohc_layer_source(ohc_layer_fn write, void *ctx, const struct ohc_codec *codec,
				    size_t threads);

/* Only after a read of src returned 0. */
void ohc_layer_result(const struct ohc_source *src, struct ohc_layer_result *ret);

/* Why the layer cannot be made: its entries cannot be read, for instance.  0: what went wrong did
 * so where it was sent to. */
int ohc_layer_failed(struct ohc_source *src, struct ohc_error *err);

#endif
