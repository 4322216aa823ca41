/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that appear whole.  A new file is written under a temporary name in the directory where it
 * will stand, and takes its name only when everything is there:
 *
 *	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
 *
 *	rc = ohc_newfile_open(&f, path, 0644, err);
 *	... ohc_newfile_write(&f, data, n, err) ...
 *	rc = ohc_newfile_commit(&f, err);		fsync, rename
 *
 * Where a symbolic link stands, what it leads to is replaced, or made; core/link.h has those that
 * are not followed.  What is no regular file (a pipe, a terminal, /dev/full) cannot be replaced and
 * is written to as it is (core/output.h), as is all of /dev and /proc, but for /dev/shm.
 *
 * A file that was not committed is unlinked by ohc_newfile_close().  Temporary names start with
 * ".ohcompose-tmp." so that what a kill left behind can be told from everything else.
 */
#ifndef OHC_CORE_NEWFILE_H
#define OHC_CORE_NEWFILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/error.h"

#define OHC_TMP_PREFIX ".ohcompose-tmp."

struct ohc_newfile {
	int fd;
	char *path;
	char *tmp;     /* NULL: it is written in place, or ahead */
	bool nameless; /* tmp is the name that it will have for a moment */
	bool ahead;
	mode_t mode; /* … with which it will be opened */
};

#define OHC_NEWFILE_INIT  \
	{                 \
		.fd = -1, \
	}

/* The mode is subject to the umask, as with open(2). */
int ohc_newfile_open(struct ohc_newfile *f, const char *path, mode_t mode, struct ohc_error *err);

/* The same for directories of others, where nobody would look for what a kill left behind: the file
 * has no name at all before the end, where the file system can do that. */
int ohc_newfile_open_nameless(struct ohc_newfile *f, const char *path, mode_t mode,
			      struct ohc_error *err);

/* The same for a small file whose bytes come at the end of a long run: whether it can be written is
 * seen now, and ohc_newfile_begin() opens it, before the first byte.  Between the two there is
 * nothing that a kill could leave behind, on any file system. */
int ohc_newfile_open_ahead(struct ohc_newfile *f, const char *path, mode_t mode,
			   struct ohc_error *err);
int ohc_newfile_begin(struct ohc_newfile *f, struct ohc_error *err);
int ohc_newfile_write(struct ohc_newfile *f, const void *data, size_t n, struct ohc_error *err);

/* Another name on the same file system than the one it was opened for, where the right one (a
 * blob's digest) shows only at the end. */
void ohc_newfile_set_path(struct ohc_newfile *f, const char *path);

int ohc_newfile_commit(struct ohc_newfile *f, struct ohc_error *err);

/* Without the fsync: a power cut may leave the name with other bytes, or none, so this is for files
 * that prove themselves when they are read, and can be made again. */
int ohc_newfile_rename(struct ohc_newfile *f, struct ohc_error *err);
void ohc_newfile_close(struct ohc_newfile *f);

#endif
