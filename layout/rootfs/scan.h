/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer, read once as a stream: its index is what stays of it.
 *
 *	rc = ohc_store_open_blob(store, &layer, &blob, err);
 *	rc = ohc_scan_layer(blob, &scan, &index, err);
 *
 * Kept of the files is what fitting a payload to a base, and checking it, wants to know: the
 * account files, os-release, the loader's configuration, /etc/skel; the first line of scripts; and
 * what a hook makes of others (ELF).  Of those, and of directories, the extended attributes are
 * kept, too.  Nothing is written anywhere.
 *
 * Limits (docs/design.md, "What a stranger controls has a limit") are on what a stranger controls:
 * entries, the bytes of the tar, paths.  What goes past one is OHC_E_FORMAT that names the limit.
 * Bytes that are in the tar may be any multiple of what came over the wire: gzip compresses zeros
 * 1032 times, zstd 32,768 times, and somebody's disk image is mostly zeros.  The holes of sparse
 * files are nowhere, and are held to one.
 *
 * An entry with ".." in its path is refused, so is a whiteout of nothing in particular (".wh."
 * alone, or of "." or "..").  AUFS's own files (".wh..wh.…") are left out, as engines do.
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
 * What else is found out about regular files while they stream by.  `begin` is asked with the
 * file's first bytes (at most OHC_SCAN_HEAD) and gives what `feed` is then called with, all of the
 * file from its first byte on; NULL: the file is of no interest.  feed says whether it wants more.
 * `end` adds what was found to *ret (nothing is as good as not asked) and frees the state; a file
 * that could not be read to its end comes there too, and then nobody looks at *ret.
 *
 * What was found may be what is to be looked at when the file streams by again: `unfinished` says
 * so. Whoever scans then scans again, at most OHC_SCAN_TIMES, with the index of the time before
 * (struct ohc_scan's `before`), and begin gets what was found then.
 *
 * Of what is more than can be kept `shorten` makes the least that says that the file was not looked
 * at, or nothing.
 *
 * Layers are scanned on several threads.  A change of what the functions do is a change of
 * `version`, a short word that becomes part of the cache's key.
 */
#define OHC_SCAN_HEAD  256
#define OHC_SCAN_TIMES 5

struct ohc_scan_hook {
	const char *version;
	/* before: what is known of the file by the time before, with its facts; or NULL. */
	void *(*begin)(void *ctx, const char *path, const struct ohc_tar_entry *entry,
		       const struct ohc_layer_entry *before, const void *head, size_t n);
	bool (*feed)(void *state, const void *data, size_t n);
	void (*end)(void *state, struct ohc_buf *ret);
	void *ctx;
	bool (*unfinished)(const void *facts, size_t n); /* NULL: never */
	void (*shorten)(struct ohc_buf *facts);          /* NULL: to nothing */
};

/*
 * Somebody who wants the entries themselves, and not only what the index says of them.  `entry` is
 * called for each one with its number in the index (for one that does not come into it, AUFS's,
 * with that of the next) and says 1: the file's bytes go to `data`; 0: they do not; or a code.
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
	const struct ohc_layer_index *before; /* of the time before, unfinished; NULL: the first */
};

/* Reads blob, compressed or not, to its end; closing it is left to the caller. */
int ohc_scan_layer(struct ohc_source *blob, const struct ohc_scan *scan,
		   struct ohc_layer_index *ret, struct ohc_error *err);

#endif
