/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handful of tar entries made in memory: the adapter layer.  They are written in bytewise order
 * and with one time, so that equal needs of two bases give one digest.
 *
 *	ohc_entries_dir(&list, "/workspace", 0755, 1000, 1000);
 *	src = ohc_layer_source(ohc_entries_write, &list, &codec, 1);
 *	...
 *	ohc_entries_clear(&list);
 *
 * Paths are absolute and normalized.  An entry for a path that is there already replaces it.
 */
#ifndef OHC_LAYOUT_LAYER_ENTRIES_H
#define OHC_LAYOUT_LAYER_ENTRIES_H

#include <stdint.h>

#include "oci/tar/tar.h"

struct ohc_entry {
	char *path; /* as in the tar: without the leading '/' */
	mode_t mode;
	uint32_t uid, gid;
	char *data; /* a file's bytes, or a symlink's target */
	size_t size;
};

struct ohc_entries {
	struct ohc_entry *v;
	size_t n;
	int64_t mtime; /* of all */
};

#define OHC_ENTRIES_INIT   \
	{                  \
		NULL, 0, 0 \
	}

void ohc_entries_dir(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid,
		     uint32_t gid);
void ohc_entries_file(struct ohc_entries *list, const char *path, mode_t mode, uint32_t uid,
		      uint32_t gid, const void *data, size_t size);
void ohc_entries_symlink(struct ohc_entries *list, const char *path, uint32_t uid, uint32_t gid,
			 const char *target);
void ohc_entries_clear(struct ohc_entries *list);

/* An ohc_layer_fn; ctx is a struct ohc_entries. */
int ohc_entries_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

#endif
