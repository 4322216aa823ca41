/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handful of tar entries made in memory: the adapter layer.  They are written in bytewise order,
 * and new entries have the time 0, so that two bases with equal needs give one digest.
 *
 *	ohc_entries_dir(&list, "/workspace", 0755, 1000, 1000);
 *	e = ohc_entries_dir(&list, "/home", 0711, 0, 0);	as another one is:
 *	e->mtime = file->mtime;
 *	ohc_entry_xattrs(e, file->xattrs, file->n_xattrs);
 *	rc = ohc_layer_small(ohc_entries_write, &list, &codec, &bytes, &made, err);
 *	...
 *	ohc_entries_clear(&list);
 *
 * Paths are absolute and normalized.  An entry for a path that is there already replaces it.  The
 * returned pointers are valid until the next entry is added.
 */
#ifndef OHC_LAYOUT_LAYER_ENTRIES_H
#define OHC_LAYOUT_LAYER_ENTRIES_H

#include <stdint.h>

#include "oci/tar/tar.h"

struct ohc_entry {
	char *path; /* as in the tar: without the leading '/' */
	mode_t mode;
	uint32_t uid, gid;
	int64_t mtime;
	char *data; /* a file's bytes, or a symlink's target */
	size_t size;
	void *xattrs; /* encoded (oci/tar/xattrs.h) */
	size_t n_xattrs;
};

struct ohc_entries {
	struct ohc_entry *v;
	size_t n;
};

#define OHC_ENTRIES_INIT \
	{                \
		NULL, 0  \
	}

struct ohc_entry *ohc_entries_dir(struct ohc_entries *list, const char *path, mode_t mode,
				  uint32_t uid, uint32_t gid);
struct ohc_entry *ohc_entries_file(struct ohc_entries *list, const char *path, mode_t mode,
				   uint32_t uid, uint32_t gid, const void *data, size_t size);
void ohc_entries_symlink(struct ohc_entries *list, const char *path, uint32_t uid, uint32_t gid,
			 const char *target);
/* Hides what lies at path in the layers below (image-spec layer.md, "Whiteouts"). */
void ohc_entries_whiteout(struct ohc_entries *list, const char *path);
/* The path that such an entry hides, without the leading '/'; NULL: it is another entry.  The
 * caller frees it. */
char *ohc_entry_hides(const struct ohc_entry *e);
/* The bytes are copied. */
void ohc_entry_xattrs(struct ohc_entry *e, const void *encoded, size_t n);

/* NULL where there is none. */
const struct ohc_entry *ohc_entries_find(const struct ohc_entries *list, const char *path);

void ohc_entries_clear(struct ohc_entries *list);

/* Puts them into the order in which they are written.  Afterwards writing does not change the list,
 * and may happen in several threads. */
void ohc_entries_sort(struct ohc_entries *list);

/* An ohc_layer_fn; ctx is a struct ohc_entries. */
int ohc_entries_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

#endif
