/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blobs of a layout directory as files.
 *
 *	rc = ohc_dir_blob_new(dir, &f, err);
 *	rc = ohc_dir_blob_write(&f, src, size, err);
 *	rc = ohc_dir_blob_commit(dir, &f, digest, err);	fsync, rename to the digest
 *
 * The temporary name lies in blobs/ itself: in blobs/ALGORITHM other tools expect only digests, and
 * blobs/ may be a link to a directory on another file system than the layout's.
 */
#ifndef OHC_OCI_DIR_BLOB_H
#define OHC_OCI_DIR_BLOB_H

#include "core/newfile.h"
#include "core/io.h"

/* "DIR/blobs/ALGORITHM/HEX" of a valid digest, and "DIR/name"; the caller frees them. */
char *ohc_dir_blob_path(const char *dir, const char *digest);
char *ohc_dir_path(const char *dir, const char *name);

int ohc_dir_blob_new(const char *dir, struct ohc_newfile *f, struct ohc_error *err);

/* First checks that there is room for size (-1: not known), so that a full disk is found before
 * anything is transferred. */
int ohc_dir_blob_write(struct ohc_newfile *f, struct ohc_source *src, int64_t size,
		       struct ohc_error *err);

/* Makes f a clone of the open file fd, whose bytes are not written (btrfs, XFS).  False: that
 * cannot be done, and f is empty as it was.  Not another name of the file: that would change the
 * ctime of what is only read.  What f holds then is for the caller to check, by
 * ohc_dir_blob_read(): in between somebody may have changed the file. */
bool ohc_dir_blob_share(struct ohc_newfile *f, int fd);
int ohc_dir_blob_read(const struct ohc_newfile *f, struct ohc_source **ret, struct ohc_error *err);

int ohc_dir_blob_commit(const char *dir, struct ohc_newfile *f, const char *digest,
			struct ohc_error *err);

/* Opens a blob to read it.  Links are followed (some tools make layouts of them), but only regular
 * files are read.  kind ("blob", "manifest") is for messages. */
int ohc_dir_blob_open(const char *dir, const char *digest, const char *kind, int *ret_fd,
		      struct ohc_error *err);

/* Makes the blobs' names survive a power cut. */
int ohc_dir_blob_sync(const char *dir, struct ohc_error *err);

#endif
