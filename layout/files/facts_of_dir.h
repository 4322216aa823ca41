/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the index of the layer that a payload directory will be (layout/rootfs/layer_index.h), with
 * the same facts as if that layer had been made and scanned, but reads only a few kilobytes of each
 * ELF file and the heads of a few others.
 *
 *	rc = ohc_facts_of_dir("build/openhands", &listing, "/openhands", 1000, 1000, &index, err);
 *	rc = ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, "payload", err);
 */
#ifndef OHC_LAYOUT_FILES_FACTS_OF_DIR_H
#define OHC_LAYOUT_FILES_FACTS_OF_DIR_H

#include "layout/rootfs/layer_index.h"
#include "layout/layer/listing.h"

/* listing is dir's (layout/layer/listing.h); NULL: it is made.  prefix as in struct ohc_from_dir,
 * or "/"; uid and gid are those of all entries.  Adds to *ret. */
int ohc_facts_of_dir(const char *dir, const struct ohc_listing *listing, const char *prefix,
		     uint32_t uid, uint32_t gid, struct ohc_layer_index *ret,
		     struct ohc_error *err);

#endif
