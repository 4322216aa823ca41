/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the entries of one payload layer together from many sources: files of this machine, bytes in
 * memory, ranges of a spool file; directories, symlinks, several names of one file.  A file is read
 * when its layer is written, and before that only to compare two.
 *
 *	b = ohc_assembly_new("/openhands", below);
 *	struct ohc_assembly_item item = { "/openhands/bin/tmux", 0755, 0, from };
 *	struct ohc_content content = { .kind = OHC_CONTENT_FILE, .path = from };
 *	rc = ohc_assembly_file(b, &item, &content, &patch, err);
 *	rc = ohc_assembly_symlink(b, &item, "tmux", err);
 *	...
 *	struct ohc_assembly_layer layer = { .assembly = b, .uid = 1000, .gid = 1000 };
 *	src = ohc_layer_source(ohc_assembly_write, &layer, &codec, 0);
 *	...
 *	ohc_assembly_free(b);
 *
 * Paths are absolute, normalized, and the prefix or below it.  Directories on the way to an entry
 * are made as needed (0755, time 0), and those of an assembly below (a layer that comes before) get
 * an entry again, because engines that unpack a layer alone would make them root's
 * (layout/fit/ways.c).  A path that is there already, in this assembly or in one of those below it,
 * is left out when it is the same thing, a directory also when its mode differs; anything else is
 * OHC_E_FAILED and names where both come from.  A whiteout's name, which would delete another path
 * (core/path.h), is an error, too.
 *
 * Files of this machine that are one file by several names stay one, when they are patched alike.
 * A file that changed between its addition and the writing of the layer is an error that names it.
 */
#ifndef OHC_LAYOUT_LAYER_ASSEMBLY_H
#define OHC_LAYOUT_LAYER_ASSEMBLY_H

#include "core/patch.h"
#include "core/report.h"
#include "layout/layer/mtime.h"
#include "layout/rootfs/scan.h"
#include "oci/documents/digest.h"
#include "oci/tar/tar.h"

struct ohc_assembly;

struct ohc_assembly_item {
	const char *path;   /* in the image */
	mode_t mode;        /* permissions; of symlinks it is not used */
	int64_t mtime;      /* whole seconds */
	const char *origin; /* for messages: where it comes from */
	const struct ohc_xattr *xattrs;
	size_t n_xattrs;
};

enum ohc_content_kind {
	OHC_CONTENT_FILE,  /* the file at path, with its size and extended attributes */
	OHC_CONTENT_BYTES, /* size bytes at bytes, copied */
	OHC_CONTENT_SPOOL, /* size bytes of fd from offset on; fd stays the caller's, and open */
};

struct ohc_content {
	enum ohc_content_kind kind;
	const char *path;
	const void *bytes;
	int fd;
	uint64_t offset, size;
};

/* below (or NULL) must stay as long; it is not added to any more. */
struct ohc_assembly *ohc_assembly_new(const char *prefix, const struct ohc_assembly *below);
void ohc_assembly_free(struct ohc_assembly *b);
void ohc_assembly_freep(struct ohc_assembly **b);

int ohc_assembly_dir(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		     struct ohc_error *err);
int ohc_assembly_symlink(struct ohc_assembly *b, const struct ohc_assembly_item *item,
			 const char *target, struct ohc_error *err);

/* patch (or NULL) is copied. */
int ohc_assembly_file(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		      const struct ohc_content *content, const struct ohc_patch *patch,
		      struct ohc_error *err);

/* Another name of the file `of`, which is in this assembly.
 * The item's mode and time are the file's. */
int ohc_assembly_link(struct ohc_assembly *b, const struct ohc_assembly_item *item, const char *of,
		      struct ohc_error *err);

/* Called when all is gathered: gives a directory that was only on the way in one assembly the mode
 * and time that another one has for it.  Each assembly lies on those before it. */
void ohc_assembly_settle(struct ohc_assembly *const *assemblies, size_t n);

/* The entry at a path, in this assembly or one below it; strings are valid until something is
 * added. */
struct ohc_assembly_found {
	mode_t mode; /* with its type; 0: nothing is there */
	const char *origin;
	const char *link;   /* a symlink's target, else NULL */
	const char *source; /* of a file of this machine, else NULL */
	uint64_t size;
};

struct ohc_assembly_found ohc_assembly_find(const struct ohc_assembly *b, const char *path);

/* Counts the entries of this assembly alone, and the bytes of its files. */
size_t ohc_assembly_count(const struct ohc_assembly *b);
uint64_t ohc_assembly_bytes(const struct ohc_assembly *b);

/* Walks the entries of this assembly, in the layer's order; stops when fn returns other than 0. */
typedef int (*ohc_assembly_fn)(void *ctx, const char *path, const struct ohc_assembly_found *what);
int ohc_assembly_walk(struct ohc_assembly *b, ohc_assembly_fn fn, void *ctx);

/* Reads the first n bytes of a file as the layer will have them.  Returns how many there were, or a
 * code. */
ssize_t ohc_assembly_read(const struct ohc_assembly *b, const char *path, void *buf, size_t n,
			  struct ohc_error *err);

/* The same from an offset on. */
ssize_t ohc_assembly_read_at(const struct ohc_assembly *b, const char *path, uint64_t offset,
			     void *buf, size_t n, struct ohc_error *err);

struct ohc_assembly_layer {
	struct ohc_assembly *assembly;
	uint32_t uid, gid; /* of all entries */
	enum ohc_mtime mtime;
	int64_t time;
	struct ohc_task *task;       /* advanced by what is read of files */
	const struct ohc_scan *scan; /* how its index is made by the way; NULL: it is not */

	/* Results of the last writing. */
	uint64_t files, bytes;
	/* The index that ohc_scan_layer() would make of the layer, for the caller to clear.  Empty
	 * where that would fail (a limit): whoever reads the layer says why. */
	struct ohc_layer_index index;
};

/* Gives the bytes of a file to fn, piece by piece, as the layer will have them (or has). */
typedef int (*ohc_assembly_bytes_fn)(void *ctx, const void *data, size_t n, struct ohc_error *err);
int ohc_assembly_feed(const struct ohc_assembly_layer *layer, const char *path,
		      ohc_assembly_bytes_fn fn, void *ctx, struct ohc_error *err);

/* An ohc_layer_fn; ctx is a struct ohc_assembly_layer. */
int ohc_assembly_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

/*
 * Makes one digest of everything that the layer's tar depends on, without reading files of this
 * machine: stat(2) stands for them (layout/layer/fingerprint.h).  *ret_settled is false where the
 * digest must not be kept: a file was written to moments ago, or the content of a spool is not
 * known by a stat.
 */
void ohc_assembly_fingerprint(struct ohc_assembly *b, char ret[OHC_DIGEST_MAX], bool *ret_settled);

#endif
