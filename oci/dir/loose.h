/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests that were put into a layout without a tag.  A manifest that is listed by an index that
 * was put, too, needs no entry of its own in index.json; the others get one at the end, or nothing
 * would refer to them.
 *
 *	ohc_loose_put(&loose, tag, &doc);	for each manifest and index that is put
 *	changed = ohc_loose_list(&loose, index);	at the end
 */
#ifndef OHC_OCI_DIR_LOOSE_H
#define OHC_OCI_DIR_LOOSE_H

#include "oci/store/store.h"

struct ohc_loose {
	struct ohc_descriptor *v;
	size_t n;
};

void ohc_loose_put(struct ohc_loose *loose, const char *tag, const struct ohc_document *doc);

/* Adds an entry for each that has none.  False: index did not change. */
bool ohc_loose_list(const struct ohc_loose *loose, json_t *index);

void ohc_loose_clear(struct ohc_loose *loose);

#endif
