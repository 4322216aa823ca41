/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI image layout directory (image-spec image-layout.md) as a store.
 *
 *	rc = ohc_dir_open("dir", OHC_LAYOUT_WRITE, report, &store, err);
 *	... put blobs and manifests ...
 *	rc = ohc_store_finish(store, err);
 *	ohc_store_close(store);
 *
 * Any number of processes may use one layout at a time (visit.h has the locks): blobs are
 * written under a temporary name and renamed when all of their bytes are there and synced;
 * index.json is replaced as a whole, after the directories of the blobs it refers to were synced.
 * A kill or a power cut at any moment leaves a layout that can be read.
 *
 * Reading: a tag is an entry's org.opencontainers.image.ref.name, matched exactly; a digest is
 * whatever manifest lies in blobs/; no ref is the only image.  A blob counts as there when a file
 * of its size has its name, so that a blob that was cut short is written again.
 *
 * Writing: directories appear with the first blob.  Tags are set by finish(), or some hundreds at a
 * time; whoever asks the same store sees each at once.  Manifests that were put without a tag, and
 * that no index which was put lists, are added to index.json by finish().  A store that is closed
 * without finish() takes back what it wrote since tags were set last, and the layout when that was
 * new, unless another process uses it.
 */
#ifndef OHC_OCI_DIR_DIR_H
#define OHC_OCI_DIR_DIR_H

#include "core/report.h"
#include "oci/store/store.h"

enum ohc_dir_mode {
	OHC_LAYOUT_READ,  /* the layout must be there */
	OHC_LAYOUT_WRITE, /* the layout is made when nothing, or an empty directory, is there */
};

/* OHC_E_NOT_FOUND: no such directory; OHC_E_FORMAT: it is no layout. */
int ohc_dir_open(const char *dir, enum ohc_dir_mode mode, struct ohc_report *report,
		 struct ohc_store **ret, struct ohc_error *err);

#endif
