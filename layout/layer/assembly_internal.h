/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an assembly: names, and the files that they are names of. */
#ifndef OHC_LAYOUT_LAYER_ASSEMBLY_INTERNAL_H
#define OHC_LAYOUT_LAYER_ASSEMBLY_INTERNAL_H

#include "core/alloc.h"
#include "core/stamp.h"
#include "layout/layer/assembly.h"
#include "layout/layer/hardlinks.h"

/* A regular file, which may have several names. */
struct ohc_assembly_node {
	enum ohc_content_kind kind;
	char *path; /* FILE */
	struct ohc_stamp st;
	nlink_t links;         /* that the file has on this machine */
	unsigned char *bytes;  /* BYTES */
	int fd;                /* SPOOL */
	uint64_t offset, size; /* size without the patch */
	struct ohc_patch *patch;
	mode_t mode;
	int64_t mtime;
	struct ohc_xattr *xattrs; /* names and values are its own */
	size_t n_xattrs;
	const char *written; /* the name under which the layer being written has it */
	struct ohc_assembly_node *next;
};

struct ohc_assembly_entry {
	char *path;  /* without the leading '/' */
	mode_t mode; /* with the type */
	int64_t mtime;
	char *origin;                   /* NULL also where it is the node's path */
	char *link;                     /* symlinks */
	struct ohc_assembly_node *node; /* regular files */
	struct ohc_xattr *xattrs;       /* directories */
	size_t n_xattrs;
};

struct ohc_assembly {
	char *prefix;
	const struct ohc_assembly *below;
	struct ohc_assembly
		*named; /* directories that lie below, or NULL: for ohc_assembly_settle() */
	struct ohc_assembly_entry *v;
	size_t n, cap;
	uint32_t *slots; /* index + 1 by the hash of the path; 0 is free */
	size_t n_slots;
	bool sorted;
	struct ohc_assembly_node *nodes;
	struct ohc_hardlinks inodes; /* files of this machine that have several names there */
};

/* Finds the entry of an absolute path, here or below; or NULL. */
const struct ohc_assembly_entry *ohc_assembly_entry_of(const struct ohc_assembly *b,
						       const char *path);

/* The same of this assembly alone. */
const struct ohc_assembly_entry *ohc_assembly_own_entry(const struct ohc_assembly *b,
							const char *path);

/* Where it comes from, for messages. */
const char *ohc_assembly_origin(const struct ohc_assembly_entry *e);
int ohc_assembly_conflict(const struct ohc_assembly_entry *e, const struct ohc_assembly_item *item,
			  struct ohc_error *err);

/* Looks for room for an item.  1: there is room; 0: it is there already, in *ret; or a code. */
int ohc_assembly_put(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		     const struct ohc_assembly_entry **ret, struct ohc_error *err);
/* Adds an entry for which there is room, after the directories on the way to it; … */
struct ohc_assembly_entry *ohc_assembly_enter(struct ohc_assembly *b,
					      const struct ohc_assembly_item *item, mode_t type);
/* … or the entry alone. */
struct ohc_assembly_entry *ohc_assembly_append(struct ohc_assembly *b,
					       const struct ohc_assembly_item *item, mode_t type);

void ohc_assembly_sort(struct ohc_assembly *b);

int ohc_assembly_node_new(const struct ohc_assembly_item *item, const struct ohc_content *content,
			  const struct ohc_patch *patch, struct ohc_assembly_node **ret,
			  struct ohc_error *err);
void ohc_assembly_node_free(struct ohc_assembly_node *node);

/* Bytes with the patch. */
uint64_t ohc_assembly_node_size(const struct ohc_assembly_node *node);

/* Reads a file: open, read in order until 0, close. */
struct ohc_assembly_reader {
	const struct ohc_assembly_node *node;
	int fd; /* of a FILE, else -1 */
	uint64_t at;
};

int ohc_assembly_open(const struct ohc_assembly_node *node, struct ohc_assembly_reader *ret,
		      struct ohc_error *err);
/* Reads n bytes, fewer only at the end: returns their count, 0 or a code.  A file that has changed
 * since it was added is OHC_E_FAILED at its end. */
ssize_t ohc_assembly_next(struct ohc_assembly_reader *r, void *buf, size_t n,
			  struct ohc_error *err);
void ohc_assembly_close(struct ohc_assembly_reader *r);

/* Compares bytes and permissions to execute: 1 equal, 0 not, or a code. */
int ohc_assembly_node_same(const struct ohc_assembly_node *a, const struct ohc_assembly_node *b,
			   struct ohc_error *err);

struct ohc_xattr *ohc_assembly_xattrs(const struct ohc_xattr *v, size_t n);
void ohc_assembly_xattrs_free(struct ohc_xattr *v, size_t n);

#endif
