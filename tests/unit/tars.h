/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tars made by hand, also such as no program would write, and what they are as a merged tree.
 *
 *	tar_dir(&tar, "etc/", 0755);
 *	tar_file(&tar, "etc/passwd", 0644, "root:x:0:0::/:/bin/sh\n");
 *	tar_end(&tar);
 */
#ifndef OHC_TESTS_TARS_H
#define OHC_TESTS_TARS_H

#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"

/* A header as it stands: type is ustar's '0', '1', …; names over 100 bytes come as GNU's 'L'. */
void tar_header(struct ohc_buf *tar, char type, const char *path, const char *link, mode_t mode,
		unsigned int uid, unsigned int gid, unsigned long long size);

void tar_dir(struct ohc_buf *tar, const char *path, mode_t mode);
void tar_file(struct ohc_buf *tar, const char *path, mode_t mode, const char *text);
/* Adds a pax record SCHILY.xattr.NAME for the next entry. */
void tar_xattr(struct ohc_buf *tar, const char *name, const char *value);
void tar_symlink(struct ohc_buf *tar, const char *path, const char *target);
void tar_hardlink(struct ohc_buf *tar, const char *path, const char *to);
void tar_whiteout(struct ohc_buf *tar, const char *path); /* "a/b": the entry "a/.wh.b" */
void tar_opaque(struct ohc_buf *tar, const char *dir);

/* A sparse file in GNU's old form: the text, then a hole up to size bytes. */
void tar_sparse(struct ohc_buf *tar, const char *path, const char *text, uint64_t size);

/* The same with a map of so many blocks (of 21 pieces each). */
void tar_sparse_map(struct ohc_buf *tar, const char *path, size_t blocks);

void tar_end(struct ohc_buf *tar);

#endif
