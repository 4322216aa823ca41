/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a layer, as a few compact bytes: every entry of its tar in order, without the files'
 * data but for the little that is needed.  The bytes are made while the layer streams by
 * (layout/rootfs/scan.h), cached, and read entry by entry when layers are merged
 * (layout/rootfs/rootfs.h); half a million entries take some 15 MB.
 *
 *	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
 *
 *	ohc_layer_index_add(&index, &entry);
 *	...
 *	ohc_layer_index_iter_start(&it, index.bytes.data, index.bytes.len, "layer …");
 *	while ((rc = ohc_layer_index_iter_next(&it, &entry, err)) > 0)
 *		...
 *
 * Each entry stands as its difference from the one before: the bytes its path shares with the
 * last one's, and only what changed of mode, owner and time.
 *
 * A whiteout (image-spec layer.md, "Whiteouts") is an entry like any other, by the name of what it
 * hides; an opaque one by the name of the directory.
 *
 * The reader trusts nothing: bytes that are no index are OHC_E_FORMAT, and every entry that it
 * gives is one that the scan could have made.
 */
#ifndef OHC_LAYOUT_ROOTFS_LAYER_INDEX_H
#define OHC_LAYOUT_ROOTFS_LAYER_INDEX_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/record.h"
#include "oci/tar/tar.h"

/* Part of the cache's key; changes with the form of the bytes, and with what is kept. */
#define OHC_LAYER_INDEX_VERSION "7"

/* The limit on the bytes that are kept of one file, and on its facts. */
#define OHC_INDEX_DATA_MAX (1u << 20)

enum ohc_layer_kind {
	OHC_LAYER_FILE,     /* whatever mode says */
	OHC_LAYER_HARDLINK, /* another name of link */
	OHC_LAYER_WHITEOUT, /* path is hidden */
	OHC_LAYER_OPAQUE,   /* all that is below path is */
};

struct ohc_layer_entry {
	enum ohc_layer_kind kind;
	const char *path; /* no '/' at its ends, no "." or ".."; "" is the root */
	const char *link; /* a symlink's target as it stands; a hard link's as path; else NULL */
	mode_t mode;      /* type and permissions; 0 for the last three kinds */
	uint32_t uid, gid;
	uint64_t size; /* regular files */
	int64_t mtime;
	const void *data; /* a regular file's first bytes where they are kept, else NULL */
	size_t n_data;
	const void *facts; /* facts by the scan's hook, else NULL */
	size_t n_facts;
	const void *xattrs; /* as ohc_xattrs_encode() has them (oci/tar/xattrs.h), else NULL */
	size_t n_xattrs;
	size_t shared; /* read: so many bytes of path are those of the entry before */
};

struct ohc_layer_index {
	struct ohc_buf bytes;
	uint64_t n_entries;
	uint64_t unfinished; /* facts that another reading would complete (layout/rootfs/scan.h) */
	/* Of the last entry that was added, for the next one's difference. */
	struct ohc_buf path;
	mode_t mode;
	uint32_t uid, gid;
	int64_t mtime;
};

#define OHC_LAYER_INDEX_INIT   \
	{                      \
		.n_entries = 0 \
	}

void ohc_layer_index_add(struct ohc_layer_index *index, const struct ohc_layer_entry *entry);
void ohc_layer_index_clear(struct ohc_layer_index *index);

/* One layer's bytes, entry by entry; they must stay.  Strings are valid until the next call. */
struct ohc_layer_index_iter {
	struct ohc_record_reader in;
	const char *what;
	char path[OHC_TAR_PATH_MAX + 1], link[OHC_TAR_PATH_MAX + 1];
	size_t path_len, slashes; /* of path */
	mode_t mode;
	uint32_t uid, gid;
	int64_t mtime;
};

/* what names the layer in messages, and must stay. */
void ohc_layer_index_iter_start(struct ohc_layer_index_iter *it, const void *bytes, size_t n,
				const char *what);

/* 1: *ret is the next entry; 0: the end; or a code. */
int ohc_layer_index_iter_next(struct ohc_layer_index_iter *it, struct ohc_layer_entry *ret,
			      struct ohc_error *err);

/* Can all of it be read?  Asked before bytes from elsewhere, such as a cache, are used. */
bool ohc_layer_index_is_sound(const void *bytes, size_t n);

#endif
