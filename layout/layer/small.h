/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a layer of a few entries in memory, on the caller's thread: the same bytes as
 * ohc_layer_source() (layout/layer/pipeline.h) gives, without its threads, which cost more than
 * such a layer itself.
 *
 *	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
 *	struct ohc_layer_result made;
 *
 *	rc = ohc_layer_small(ohc_entries_write, &list, &codec, &bytes, &made, err);
 */
#ifndef OHC_LAYOUT_LAYER_SMALL_H
#define OHC_LAYOUT_LAYER_SMALL_H

#include <pthread.h>

#include "core/buf.h"
#include "layout/layer/pipeline.h"

/* The tar of a small layer may have as many bytes; with more it is OHC_E_UNSUPPORTED. */
#define OHC_LAYER_SMALL_MAX (64u << 20)

/* The codec was checked (ohc_codec_check).  *ret must be empty; the caller clears it, also after a
 * failure. */
int ohc_layer_small(ohc_layer_fn write, void *ctx, const struct ohc_codec *codec,
		    struct ohc_buf *ret, struct ohc_layer_result *ret_made, struct ohc_error *err);

/*
 * One that several images have is made by the first that wants it, and kept.
 *
 *	struct ohc_layer_kept kept = OHC_LAYER_KEPT_INIT;
 *
 *	rc = ohc_layer_kept_get(&kept, ohc_entries_write, &list, &codec, &bytes, &made, err);
 *	ohc_layer_kept_clear(&kept);
 *
 * May be asked from several threads, with the same entries each time.  Of several codecs one is
 * kept.
 */
struct ohc_layer_kept {
	pthread_mutex_t lock;
	bool made;
	struct ohc_codec codec;
	struct ohc_buf bytes;
	struct ohc_layer_result result;
};

#define OHC_LAYER_KEPT_INIT                        \
	{                                          \
		.lock = PTHREAD_MUTEX_INITIALIZER, \
	}

int ohc_layer_kept_get(struct ohc_layer_kept *k, ohc_layer_fn write, void *ctx,
		       const struct ohc_codec *codec, struct ohc_buf *ret,
		       struct ohc_layer_result *ret_made, struct ohc_error *err);
void ohc_layer_kept_clear(struct ohc_layer_kept *k);

#endif
