/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A payload directory as the index of the layer that it will be (layout/rootfs/layer_index.h), with
 * the same facts as if that layer had been made and scanned, without reading the files: a few
 * kilobytes of each ELF file, the heads of a few others.
 *
 *	ohc_files_dir("build/openhands", &dir, err);
 *	rc = ohc_facts_of_dir(dir, "/openhands", 1000, 1000, &index, err);
 *	rc = ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, "payload", err);
 */
#ifndef OHC_LAYOUT_FILES_FACTS_OF_DIR_H
#define OHC_LAYOUT_FILES_FACTS_OF_DIR_H

#include "layout/rootfs/layer_index.h"
#include "layout/files/files.h"

/* prefix as in struct ohc_from_dir (layout/layer/from_dir.h), or "/"; uid and gid are those of all
 * entries.  Adds to *ret. */
int ohc_facts_of_dir(struct ohc_files *dir, const char *prefix, uint32_t uid, uint32_t gid,
		     struct ohc_layer_index *ret, struct ohc_error *err);

#endif
