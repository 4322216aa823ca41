/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists everything below a directory by one walk: paths and what stat(2) says, in the order of a
 * layer (core/dir_names.h), and the fingerprint of all (layout/layer/fingerprint.h).  So a
 * directory is walked once for its fingerprint, the facts of its files and its layer; some 60 bytes
 * an entry are kept.  All processors walk, each another part of the directory.
 *
 *	rc = ohc_listing_read("build/openhands", &listing, err);
 *
 *	ohc_listing_start(&it, &listing);
 *	while (ohc_listing_next(&it, &entry))
 *		... entry.path, entry.st.st_size ...
 *	ohc_listing_end(&it);
 *	ohc_listing_clear(&listing);
 *
 * A file may have changed since it was listed: compare when you open it (core/stamp.h).
 */
#ifndef OHC_LAYOUT_LAYER_LISTING_H
#define OHC_LAYOUT_LAYER_LISTING_H

#include "core/buf.h"
#include "core/record.h"
#include "core/sheets.h"
#include "layout/layer/fingerprint.h"

struct ohc_listing_span {
	const void *data;
	size_t n;
};

struct ohc_listing {
	struct ohc_listing_span *spans; /* of entries, in order */
	size_t n_spans;
	struct ohc_sheets sheets; /* where they lie */
	uint64_t bytes;           /* of its regular files, each once whatever its names are */
	char fingerprint[OHC_DIGEST_MAX];
	bool settled; /* the fingerprint may be kept */
};

struct ohc_listing_entry {
	const char *path; /* below the directory; "" is the directory itself */
	const char *name; /* the last component */
	size_t depth;     /* components in path */
	struct stat st;   /* dev, ino, mode, nlink, rdev, size, mtim and ctim are set */
};

struct ohc_listing_iter {
	const struct ohc_listing *list;
	size_t span; /* the next one */
	struct ohc_record_reader in;
	struct ohc_buf path;
	size_t depth;
};

/* Symlinks are listed, not followed, but for dir itself.  *ret, which the caller clears, is set
 * only on success. */
int ohc_listing_read(const char *dir, struct ohc_listing *ret, struct ohc_error *err);
void ohc_listing_clear(struct ohc_listing *list);

/* Bytes that its entries take in memory. */
size_t ohc_listing_size(const struct ohc_listing *list);

/* The first entry is the directory itself.  Strings are valid until the next call. */
void ohc_listing_start(struct ohc_listing_iter *it, const struct ohc_listing *list);
bool ohc_listing_next(struct ohc_listing_iter *it, struct ohc_listing_entry *ret);
void ohc_listing_end(struct ohc_listing_iter *it);

#endif
