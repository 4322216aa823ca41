/* SPDX-License-Identifier: Apache-2.0 */
/* Answers for a payload out of the merged tree of layers that are used as they are. */
#ifndef OHC_COMPOSE_PAYLOAD_TREE_INTERNAL_H
#define OHC_COMPOSE_PAYLOAD_TREE_INTERNAL_H

#include "compose/payload/payload.h"
#include "layout/rootfs/layer_index.h"

/* Adds all of its entries. */
void ohc_payload_tree_index(const struct ohc_rootfs *fs, struct ohc_layer_index *ret);

/* As struct ohc_payload_ops has it. */
int ohc_payload_tree_walk(const struct ohc_rootfs *fs, const char *target, ohc_fit_entry_fn fn,
			  void *ctx);

#endif
