/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged tree in memory: arrays that refer to one another by number.
 *
 * A node is a name in a directory, an inode what stands there; hard links are nodes of one inode.
 * A node whose inode is 0 is not there (any more), but stays in its directory, because the name may
 * come back.  Nodes are found by parent and name through a hash table that chains them.
 */
#ifndef OHC_LAYOUT_ROOTFS_ROOTFS_INTERNAL_H
#define OHC_LAYOUT_ROOTFS_ROOTFS_INTERNAL_H

#include "core/buf.h"
#include "layout/rootfs/rootfs.h"

struct ohc_node {
	uint32_t parent;
	uint32_t name; /* in strings */
	uint32_t inode;
	uint32_t child, sibling; /* the first, the next; 0: none */
	uint32_t hashed;         /* the next of the same hash */
	uint16_t layer;          /* that named it last */
	uint16_t depth;          /* the root's is 0 */
};

#define OHC_INODE_SHARED  1u /* has had several names: not changed in place */
#define OHC_INODE_IMPLIED 2u

struct ohc_inode_data {
	uint16_t mode, flags;
	uint32_t uid, gid, mtime;
	uint32_t size;       /* UINT32_MAX: in the record */
	uint32_t other;      /* in strings: a symlink's target, another's record; 0: none */
	uint32_t entry;      /* that made it, … */
	uint16_t from;       /* … in this layer */
	uint16_t implied_by; /* see struct ohc_file */
};

/* A record (core/record.h) in strings is the size, the bits, and the bytes of what they name. */
#define OHC_RECORD_DATA   1u
#define OHC_RECORD_FACTS  2u
#define OHC_RECORD_XATTRS 4u

struct ohc_rootfs {
	struct ohc_node *nodes; /* 1 is the root, 0 nobody */
	struct ohc_inode_data *inodes;
	size_t n_nodes, cap_nodes, n_inodes, cap_inodes;
	struct ohc_buf strings;
	uint32_t *buckets;
	size_t n_buckets; /* a power of two */
	unsigned int layers;
	uint64_t work; /* names looked at while layers were laid over one another */
};

#define OHC_ROOT 1u

static inline const char *ohc_rootfs_node_name(const struct ohc_rootfs *fs, uint32_t node)
{
	return fs->strings.data + fs->nodes[node].name;
}

static inline struct ohc_inode_data *ohc_rootfs_node_inode(const struct ohc_rootfs *fs,
							   uint32_t node)
{
	return &fs->inodes[fs->nodes[node].inode];
}

/* The node of a name, there or not; 0 where it never was. */
uint32_t ohc_rootfs_node_find(const struct ohc_rootfs *fs, uint32_t dir, const char *name,
			      size_t len);

/* As above; a new one without an inode where there was none.  0 where the tree is full. */
uint32_t ohc_rootfs_node_make(struct ohc_rootfs *fs, uint32_t dir, const char *name, size_t len);

/* A new inode, zero.  0 where there is no room. */
uint32_t ohc_rootfs_inode_make(struct ohc_rootfs *fs);

/* Adds bytes, and a NUL behind them, to strings; 0 where there is no room. */
uint32_t ohc_rootfs_string(struct ohc_rootfs *fs, const void *data, size_t n);

void ohc_rootfs_node_file(const struct ohc_rootfs *fs, uint32_t node, struct ohc_file *ret);

#endif
