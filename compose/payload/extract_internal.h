/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one layer of a merged tree, for payloads that must be read as a whole first: a tar, and an
 * image that holds more than its target (layout/layer/from_rootfs.h).
 *
 *	ohc_extract_init(&x, payload, what, identity, read_bytes);
 *	x.tree = tree;						the tree that becomes the layer
 *	ohc_parts_add_making(&parts, "payload", &x.making);	reads its bytes when they are needed
 *	ohc_extract_clear(&x);
 *
 * The bytes are read into a spool file before the upload begins, and only when they are needed,
 * which they are not when the layer is known (compose/layers/memo.h).
 */
#ifndef OHC_COMPOSE_PAYLOAD_EXTRACT_INTERNAL_H
#define OHC_COMPOSE_PAYLOAD_EXTRACT_INTERNAL_H

#include "compose/payload/payload.h"
#include "layout/layer/from_rootfs.h"

struct ohc_extract;

/* Reads the bytes, and sets layer.spooled. */
typedef int (*ohc_extract_read_fn)(struct ohc_extract *x, struct ohc_error *err);

struct ohc_extract {
	struct ohc_making making;
	struct ohc_from_rootfs tree;
	struct ohc_from_rootfs_layer layer; /* spooled is NULL before the bytes were read */
	uint64_t bytes;                     /* bytes of files that were read for it */
	uint64_t total;                     /* bytes of files in it */

	const struct ohc_payload *payload;
	ohc_extract_read_fn read;
	char *title, *key;
};

/* identity NULL: its layer is not remembered.  what names it in messages, and must stay. */
void ohc_extract_init(struct ohc_extract *x, const struct ohc_payload *p, const char *what,
		      const char *identity, ohc_extract_read_fn read);
void ohc_extract_clear(struct ohc_extract *x);

/* See struct ohc_payload_ops. */
bool ohc_extract_has(const struct ohc_extract *x, const char *path);
int ohc_extract_assembly(struct ohc_extract *x, struct ohc_assembly **ret, struct ohc_error *err);

/* Does the tree have a file or a symlink at that path? */
bool ohc_extract_tree_has(const struct ohc_rootfs *fs, const char *path);

#endif
