/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the index of a layer of its entries, one after the other as they stand in the tar: while a
 * blob is read (layout/rootfs/scan.h), or while the layer is written (layout/layer/assembly.h).
 * The same entries give the same bytes.
 *
 *	x = ohc_indexer_new(&scan);
 *	rc = ohc_indexer_begin(x, &entry, err);
 *	while (rc == 0 && (n = ohc_indexer_wants(x)) > 0)
 *		rc = ohc_indexer_data(x, buf, got, err);	n bytes of the file, fewer or more
 *	rc = ohc_indexer_end(x, err);
 *	...
 *	ohc_indexer_take(x, &index);
 *	ohc_indexer_free(x);
 */
#ifndef OHC_LAYOUT_ROOTFS_INDEXER_H
#define OHC_LAYOUT_ROOTFS_INDEXER_H

#include "layout/rootfs/scan.h"

struct ohc_indexer;

/* The scan, and what it points to, must stay; its `size` is not looked at. */
struct ohc_indexer *ohc_indexer_new(const struct ohc_scan *scan);
void ohc_indexer_free(struct ohc_indexer *x);

/* The entry must stay until its end. */
int ohc_indexer_begin(struct ohc_indexer *x, const struct ohc_tar_entry *entry,
		      struct ohc_error *err);

/* How many bytes of the file are wanted next; 0: no more, or none at all. */
size_t ohc_indexer_wants(const struct ohc_indexer *x);

/* The file's next bytes; those that nobody wants are passed over. */
int ohc_indexer_data(struct ohc_indexer *x, const void *data, size_t n, struct ohc_error *err);

/* Ends the entry, also where not all that was wanted is there. */
int ohc_indexer_end(struct ohc_indexer *x, struct ohc_error *err);

/* Gives the index to the caller; nothing comes after it. */
void ohc_indexer_take(struct ohc_indexer *x, struct ohc_layer_index *ret);

#endif
