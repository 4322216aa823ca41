// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/rootfs_internal.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/fnv.h"
#include "core/record.h"

static uint32_t grow(void **array, size_t *n, size_t *cap, size_t size)
{
	if (*n >= OHC_ROOTFS_MAX)
		return 0;
	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 256;
		*array = ohc_xrealloc(*array, *cap, size);
	}
	memset((char *)*array + *n * size, 0, size);
	return (uint32_t)(*n)++;
}

static uint32_t new_node(struct ohc_rootfs *fs)
{
	void *array = fs->nodes;
	uint32_t i = grow(&array, &fs->n_nodes, &fs->cap_nodes, sizeof(*fs->nodes));

	fs->nodes = array;
	return i;
}

uint32_t ohc_rootfs_inode_make(struct ohc_rootfs *fs)
{
	void *array = fs->inodes;
	uint32_t i = grow(&array, &fs->n_inodes, &fs->cap_inodes, sizeof(*fs->inodes));

	fs->inodes = array;
	return i;
}

uint32_t ohc_rootfs_string(struct ohc_rootfs *fs, const void *data, size_t n)
{
	size_t at = fs->strings.len;

	if (n >= OHC_ROOTFS_STRINGS_MAX - at)
		return 0;
	ohc_buf_add(&fs->strings, data, n);
	ohc_buf_addc(&fs->strings, '\0');
	return (uint32_t)at;
}

/* There are as many chains as names, so a chain this long was made on purpose, of names with one
 * hash. */
#define CHAIN_MAX 200

static size_t hash(uint32_t dir, const char *name, size_t len)
{
	uint64_t h = ohc_fnv_add(ohc_fnv_add(OHC_FNV_INIT, &dir, sizeof(dir)), name, len);

	return (size_t)(h ^ h >> 32);
}

static void enter(struct ohc_rootfs *fs, uint32_t node)
{
	const char *name = ohc_rootfs_node_name(fs, node);
	size_t at = hash(fs->nodes[node].parent, name, strlen(name)) & (fs->n_buckets - 1);

	fs->nodes[node].hashed = fs->buckets[at];
	fs->buckets[at] = node;
}

static void rehash(struct ohc_rootfs *fs)
{
	free(fs->buckets);
	fs->n_buckets = fs->n_buckets ? fs->n_buckets * 2 : 256;
	fs->buckets = ohc_xcalloc(fs->n_buckets, sizeof(*fs->buckets));
	for (size_t i = OHC_ROOT + 1; i < fs->n_nodes; i++)
		enter(fs, (uint32_t)i);
}

static uint32_t find(const struct ohc_rootfs *fs, uint32_t dir, const char *name, size_t len,
		     unsigned int *ret_before)
{
	uint32_t i = fs->buckets[hash(dir, name, len) & (fs->n_buckets - 1)];
	const char *has;

	for (*ret_before = 0; i; i = fs->nodes[i].hashed, (*ret_before)++) {
		has = ohc_rootfs_node_name(fs, i);
		if (fs->nodes[i].parent == dir && strncmp(has, name, len) == 0 && !has[len])
			break;
	}
	return i;
}

uint32_t ohc_rootfs_node_find(const struct ohc_rootfs *fs, uint32_t dir, const char *name,
			      size_t len)
{
	unsigned int before;

	return find(fs, dir, name, len, &before);
}

uint32_t ohc_rootfs_node_make(struct ohc_rootfs *fs, uint32_t dir, const char *name, size_t len)
{
	unsigned int before;
	uint32_t node = find(fs, dir, name, len, &before), at;

	if (node || before > CHAIN_MAX)
		return node;
	at = ohc_rootfs_string(fs, name, len);
	node = at ? new_node(fs) : 0;
	if (!node)
		return 0;
	fs->nodes[node].parent = dir;
	fs->nodes[node].name = at;
	fs->nodes[node].depth = (uint16_t)(fs->nodes[dir].depth + 1);
	fs->nodes[node].sibling = fs->nodes[dir].child;
	fs->nodes[dir].child = node;
	if (fs->n_nodes > fs->n_buckets)
		rehash(fs);
	else
		enter(fs, node);
	return node;
}

struct ohc_rootfs *ohc_rootfs_new(void)
{
	struct ohc_rootfs *fs = ohc_xcalloc(1, sizeof(*fs));

	ohc_rootfs_string(fs, "", 0); /* 0 is no string */
	new_node(fs);
	ohc_rootfs_inode_make(fs);
	rehash(fs);
	fs->nodes[new_node(fs)].inode = ohc_rootfs_inode_make(fs);
	*ohc_rootfs_node_inode(fs, OHC_ROOT) =
		(struct ohc_inode_data){ .mode = S_IFDIR | 0755, .flags = OHC_INODE_IMPLIED };
	return fs;
}

void ohc_rootfs_free(struct ohc_rootfs *fs)
{
	if (!fs)
		return;
	free(fs->nodes);
	free(fs->inodes);
	free(fs->buckets);
	ohc_buf_clear(&fs->strings);
	free(fs);
}

void ohc_rootfs_freep(struct ohc_rootfs **fs)
{
	ohc_rootfs_free(*fs);
}

unsigned int ohc_rootfs_layers(const struct ohc_rootfs *fs)
{
	return fs->layers;
}

static void read_record(const struct ohc_rootfs *fs, uint32_t at, struct ohc_file *f)
{
	struct ohc_record_reader in = ohc_record_read(fs->strings.data + at, fs->strings.len - at);
	uint64_t bits;

	f->size = ohc_record_get_number(&in);
	bits = ohc_record_get_number(&in);
	if (bits & OHC_RECORD_DATA)
		f->data = ohc_record_get_bytes(&in, SIZE_MAX, &f->n_data);
	if (bits & OHC_RECORD_FACTS)
		f->facts = ohc_record_get_bytes(&in, SIZE_MAX, &f->n_facts);
	if (bits & OHC_RECORD_XATTRS)
		f->xattrs = ohc_record_get_bytes(&in, SIZE_MAX, &f->n_xattrs);
}

static void inode_file(const struct ohc_rootfs *fs, uint32_t inode, struct ohc_file *ret)
{
	const struct ohc_inode_data *in = &fs->inodes[inode];

	*ret = (struct ohc_file){
		.mode = in->mode,
		.uid = in->uid,
		.gid = in->gid,
		.size = in->size,
		.mtime = in->mtime,
		.id = inode,
		.shared = in->flags & OHC_INODE_SHARED,
		.from = in->from,
		.entry = in->entry,
		.implied = in->flags & OHC_INODE_IMPLIED,
		.implied_by = in->implied_by,
	};
	if (S_ISLNK(in->mode))
		ret->link = fs->strings.data + in->other;
	else if (in->other)
		read_record(fs, in->other, ret);
}

void ohc_rootfs_node_file(const struct ohc_rootfs *fs, uint32_t node, struct ohc_file *ret)
{
	inode_file(fs, fs->nodes[node].inode, ret);
	ret->layer = fs->nodes[node].layer;
}

void ohc_rootfs_file(const struct ohc_rootfs *fs, uint32_t id, struct ohc_file *ret)
{
	inode_file(fs, id < fs->n_inodes ? id : 0, ret);
}
