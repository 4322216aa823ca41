/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a layer once, as a stream, and makes its index.
 *
 *	rc = ohc_store_open_blob(store, &layer, &blob, err);
 *	rc = ohc_scan_layer(blob, &scan, &index, err);
 *
 * Of the files it keeps what is needed to fit a payload to a base and to check it: the account
 * files, os-release, the loader's configuration, /etc/skel; the first line of scripts; and the
 * facts that a hook makes of others (ELF).  Of these and of directories it also keeps the extended
 * attributes.  Nothing is written anywhere.
 *
 * Limits (docs/design.md, "What a stranger controls has a limit") hold for entries, the bytes of
 * the tar, and paths.  Going past one is OHC_E_FORMAT, and the message names the limit.  The tar
 * may be any multiple of the compressed size: gzip compresses zeros 1032 times, zstd 32,768 times,
 * and disk images are mostly zeros.  The holes of sparse files, which take no bytes of the tar, are
 * limited to a multiple.
 *
 * An entry with ".." in its path is refused, so is a whiteout that names nothing (".wh." alone, or
 * of "." or "..").  AUFS's own files (".wh..wh.…") are left out, as engines do.
 */
#ifndef OHC_LAYOUT_ROOTFS_SCAN_H
#define OHC_LAYOUT_ROOTFS_SCAN_H

#include "core/io.h"
#include "layout/rootfs/layer_index.h"

struct ohc_scan_limits {
	uint64_t entries;
	uint64_t index_size; /* bytes of the index: the paths, mostly */
	uint64_t plain_size; /* of the tar */
	uint64_t hole_ratio; /* bytes of sparse files that are read, for one that came over the */
	uint64_t holes_from; /* wire; not asked below holes_from */
};

extern const struct ohc_scan_limits ohc_scan_limits_default;

/*
 * A hook that finds facts of regular files while they stream by.  `begin` gets the file's first
 * bytes (at most OHC_SCAN_HEAD) and returns a state, or NULL when the file is of no interest.
 * `feed` then gets all of the file from its first byte on, and says whether it wants more.  `end`
 * adds the facts to *ret (none is the same as no interest) and frees the state; it is also called
 * for a file that could not be read to its end, whose *ret is dropped.
 *
 * The facts may be unfinished, and then say what to keep when the file streams by again:
 * `unfinished` tells that.  The caller then scans again, at most OHC_SCAN_TIMES, with the index of
 * the pass before (struct ohc_scan's `before`), whose facts begin() gets.
 *
 * Facts that are too large to keep are given to `shorten`, which leaves the least that says that
 * the file was not looked at, or nothing.
 *
 * Layers are scanned on several threads.  `version` is a short word that becomes part of the
 * cache's key: change it with the functions.
 */
#define OHC_SCAN_HEAD  256
#define OHC_SCAN_TIMES 5

struct ohc_scan_hook {
	const char *version;
	/* before: the file's entry in the index of the pass before, with its facts; or NULL. */
	void *(*begin)(void *ctx, const char *path, const struct ohc_tar_entry *entry,
		       const struct ohc_layer_entry *before, const void *head, size_t n);
	bool (*feed)(void *state, const void *data, size_t n);
	void (*end)(void *state, struct ohc_buf *ret);
	void *ctx;
	bool (*unfinished)(const void *facts, size_t n); /* NULL: never */
	void (*shorten)(struct ohc_buf *facts);          /* NULL: to nothing */
};

/*
 * A taker gets the entries themselves, and not only what the index has of them.  `entry` is called
 * for each one with its number in the index (for one that does not come into it, AUFS's, with that
 * of the next) and says 1: the file's bytes go to `data`; 0: they do not; or a code.
 */
struct ohc_scan_taker {
	int (*entry)(void *ctx, uint32_t number, const struct ohc_tar_entry *entry,
		     struct ohc_error *err);
	int (*data)(void *ctx, const void *data, size_t n, struct ohc_error *err);
	void *ctx;
};

struct ohc_scan {
	const char *what;                     /* "layer sha256:…", for messages */
	int64_t size;                         /* of the blob, for hole_ratio; -1: not known */
	const struct ohc_scan_limits *limits; /* NULL: the default */
	const struct ohc_scan_hook *hook;     /* NULL: none */
	const struct ohc_scan_taker *taker;   /* NULL: none */
	const struct ohc_layer_index
		*before; /* the index of the pass before, unfinished; NULL: this is the first */
};

/* Reads blob, compressed or not, to its end; closing it is left to the caller. */
int ohc_scan_layer(struct ohc_source *blob, const struct ohc_scan *scan,
		   struct ohc_layer_index *ret, struct ohc_error *err);

#endif
