/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files and directories in one call, and bytes to a descriptor.  core/newfile.h has the steps
 * of ohc_file_write() one by one.
 */
#ifndef OHC_CORE_FILE_H
#define OHC_CORE_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/io.h"

/* Writes a file that appears whole (core/newfile.h). */
int ohc_file_write(const char *path, const void *data, size_t n, mode_t mode,
		   struct ohc_error *err);

/* Adds the file's bytes to *out; "-" is standard input.  More than max is OHC_E_FORMAT. */
int ohc_file_read(const char *path, size_t max, struct ohc_buf *out, struct ohc_error *err);

/* Writes all bytes to fd, however many write(2)s that takes.  name is for messages. */
int ohc_file_write_full(int fd, const void *data, size_t n, const char *name,
			struct ohc_error *err);

/* The same after an interrupt, too, which ends the other: for what tells how far the run came. */
int ohc_file_write_at_last(int fd, const void *data, size_t n, const char *name,
			   struct ohc_error *err);

/* Reads n bytes from offset on, however many pread(2)s that takes, and returns their count: fewer
 * only where the file ends.  Below zero it failed, and errno says why. */
ssize_t ohc_file_read_at(int fd, void *buf, size_t n, uint64_t offset);

/* Writes everything that src gives to fd.  *count is advanced by what was written, on failure,
 * too. */
int ohc_file_copy(struct ohc_source *src, int fd, const char *name, uint64_t *count,
		  struct ohc_error *err);

/* Makes the names in a directory survive a power cut.  Where a file system cannot do it, nothing
 * happens. */
int ohc_file_sync_dir(const char *path, struct ohc_error *err);

/* The same for the directory that path lies in. */
int ohc_file_sync_parent(const char *path, struct ohc_error *err);

/* mkdir -p */
int ohc_file_mkdirs(const char *path, mode_t mode, struct ohc_error *err);

#endif
