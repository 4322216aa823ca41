/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps what is wanted of layers while they stream by: the bytes of files, in one spool file
 * (core/spool.h), their times and extended attributes, in memory.  An entry is known by the number
 * of its layer and its own number in that layer's index (struct ohc_file's `from` and `entry`).
 *
 *	t = ohc_spooled_new();
 *	ohc_spooled_want(t, file.from, file.entry);		as often as it is asked for
 *	...
 *	for (layer = 0; layer < n; layer++)
 *		if (ohc_spooled_wants(t, layer))
 *			rc = ohc_spooled_read(t, layer, blob, &scan, &index, err);
 *	if (ohc_spooled_find(t, file.from, file.entry, &entry))	bytes are at entry.offset
 *	ohc_spooled_free(t);
 *
 * Where nothing was asked for, everything is kept: a tar is read once, and only its end shows which
 * entries count.  It is one layer, then, and what is known of many entries is kept in the spool.
 *
 * Extended attributes are those that layout/layer/xattrs.h keeps, of all files at most
 * OHC_SPOOLED_XATTRS bytes: more is OHC_E_FORMAT.
 */
#ifndef OHC_LAYOUT_LAYER_SPOOLED_H
#define OHC_LAYOUT_LAYER_SPOOLED_H

#include "layout/rootfs/scan.h"
#include "layout/layer/xattrs.h"

#define OHC_SPOOLED_XATTRS (16u << 20)

struct ohc_spooled;

struct ohc_spooled_entry {
	uint32_t layer, entry;
	bool was;              /* seen: the members below are set */
	uint64_t offset, size; /* in the spool; regular files */
	int64_t mtime;
	const struct ohc_xattrs *xattrs; /* NULL: none; the spool's */
};

struct ohc_spooled *ohc_spooled_new(void);
void ohc_spooled_free(struct ohc_spooled *t);
/* Call it for all entries before the first ohc_spooled_wants() or _read(). */
void ohc_spooled_want(struct ohc_spooled *t, uint32_t layer, uint32_t entry);
bool ohc_spooled_wants(struct ohc_spooled *t, uint32_t layer);

/* Reads a layer (ohc_scan_layer()); scan's taker is set here.  Files that its hook must see again
 * are read from the spool. */
int ohc_spooled_read(struct ohc_spooled *t, uint32_t layer, struct ohc_source *blob,
		     const struct ohc_scan *scan, struct ohc_layer_index *ret,
		     struct ohc_error *err);

/* False: it was not kept. */
bool ohc_spooled_find(const struct ohc_spooled *t, uint32_t layer, uint32_t entry,
		      struct ohc_spooled_entry *ret);

int ohc_spooled_fd(const struct ohc_spooled *t);         /* -1: nothing was spooled */
uint64_t ohc_spooled_bytes(const struct ohc_spooled *t); /* of files */

#endif
