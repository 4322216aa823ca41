/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that deflate can do nothing for. */
#ifndef OHC_OCI_CODEC_STORED_H
#define OHC_OCI_CODEC_STORED_H

#include "oci/codec/codec_internal.h"

/* Are the block's bytes packed already?  ops and its state are for deflate; out has room for what
 * it makes of the block. */
bool ohc_stored_wanted(const struct ohc_encode_ops *ops, void *state, const void *in, size_t n,
		       void *out);

/* Writes n bytes as stored blocks, which begin and end on byte boundaries (RFC 1951, 3.2.4), and
 * returns how many there are then: 5 more for every 64 KiB. */
size_t ohc_stored_write(const void *in, size_t n, bool last, void *out);

#endif
