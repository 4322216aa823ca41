/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged tree of an image's layers, "/" first, each path with the layer it comes from: a line
 * for people, or an array of objects, an object a line.  It is written while the tree is walked, so
 * that memory holds the tree alone.
 */
#ifndef OHC_CMD_INSPECT_TREE_H
#define OHC_CMD_INSPECT_TREE_H

#include "cmd/command.h"
#include "layout/rootfs/rootfs.h"
#include "oci/documents/manifest.h"

void ohc_inspect_tree(FILE *out, const struct ohc_rootfs *fs);

/* layers are those that fs was made of. */
void ohc_inspect_tree_json(FILE *out, const struct ohc_rootfs *fs,
			   const struct ohc_descriptor *layers);

#endif
