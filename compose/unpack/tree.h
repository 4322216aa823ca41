/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the entries of layers into a directory of this machine, whoever made the layers.
 *
 *	rc = ohc_tree_open("out", "/openhands", &tree, err);
 *	rc = ohc_tree_add(tree, tar, "layer …", &limits, task, err);	each layer
 *	rc = ohc_tree_finish(tree, err);		the directory appears
 *	ohc_tree_closep(&tree);				without finish() nothing is left
 *
 * Only what lies below the prefix is taken, without it; anything else is OHC_E_FORMAT.  Everything
 * belongs to whoever runs this; times and permissions are kept, set-uid and set-gid bits are not.
 * No path goes through a symlink, so that nothing is written outside the directory; devices,
 * sockets and whiteouts are refused.
 */
#ifndef OHC_COMPOSE_UNPACK_TREE_H
#define OHC_COMPOSE_UNPACK_TREE_H

#include "core/io.h"
#include "core/report.h"

struct ohc_tree;

/* dir must be new or empty. */
int ohc_tree_open(const char *dir, const char *prefix, struct ohc_tree **ret,
		  struct ohc_error *err);

/* Takes a plain tar.  max: bytes of files, in all, and of entries. */
struct ohc_tree_limits {
	uint64_t entries, bytes;
};
int ohc_tree_add(struct ohc_tree *t, struct ohc_source *tar, const char *what,
		 const struct ohc_tree_limits *limits, struct ohc_task *task,
		 struct ohc_error *err);

int ohc_tree_finish(struct ohc_tree *t, struct ohc_error *err);
void ohc_tree_closep(struct ohc_tree **t);

/* Of what was written. */
uint64_t ohc_tree_entries(const struct ohc_tree *t);
uint64_t ohc_tree_bytes(const struct ohc_tree *t);

#endif
