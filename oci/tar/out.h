/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a tar in one pass, file after file, where a file's size and name may be known only at its
 * end.
 *
 *	rc = ohc_tar_out_open("images.tar", &t, err);		"-" is standard output
 *	rc = ohc_tar_out_bytes(t, "oci-layout", data, n, err);
 *	rc = ohc_tar_out_source(t, src, -1, path_of, ctx, err);
 *	rc = ohc_tar_out_finish(t, err);			fsync, rename
 *	ohc_tar_out_free(t);
 *
 * In a regular file room is left for the header, which is written when the file's end is known; a
 * file that fails is cut off again, and the next one is written there.  In a pipe, a file of
 * unknown size is kept in a nameless temporary file first, and a failure is the end of the archive.
 * A regular file appears whole, under its name, with finish().
 *
 * The same inputs give the same entries everywhere: mode 0644 (directories 0755), owner 0, the time
 * 0, plain ustar headers (with pax records where a path is too long for those, and its file's size
 * was known).  Not for several threads at once.
 */
#ifndef OHC_OCI_TAR_OUT_H
#define OHC_OCI_TAR_OUT_H

#include "core/io.h"

struct ohc_tar_out;

int ohc_tar_out_open(const char *file, struct ohc_tar_out **ret, struct ohc_error *err);

/* The file as it was given, or "standard output". */
const char *ohc_tar_out_name(const struct ohc_tar_out *t);

int ohc_tar_out_dir(struct ohc_tar_out *t, const char *path, struct ohc_error *err);
int ohc_tar_out_bytes(struct ohc_tar_out *t, const char *path, const void *data, size_t n,
		      struct ohc_error *err);

/* Gives the path of a file; called at the start when the file's size is known, else at the end.
 * The path is freed by ohc_tar_out_source(); NULL: there is such a file already, drop this one. */
typedef char *(*ohc_path_fn)(void *ctx);

/* Writes a file of everything that src gives.  size is -1 when it is not known. */
int ohc_tar_out_source(struct ohc_tar_out *t, struct ohc_source *src, int64_t size,
		       ohc_path_fn path, void *ctx, struct ohc_error *err);

int ohc_tar_out_finish(struct ohc_tar_out *t, struct ohc_error *err);
void ohc_tar_out_free(struct ohc_tar_out *t);

#endif
