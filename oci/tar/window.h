/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives libarchive the bytes of a tar, and reads from them what libarchive does not tell.
 *
 * The bytes pass through here a piece at a time, and the last block of the piece before stays, so
 * that an entry's header can be looked at once more: libarchive lets a POSIX ACL (the pax record
 * SCHILY.acl.access) change the mode that the header has, and engines know no ACLs.
 *
 * A tar may end without the padding of its last entry and without the blocks that end it (umoci
 * writes such, and Go reads them): what is lacking is filled in.  One that ends within an entry's
 * data is left cut off, and one of no bytes at all is a tar of no entries.
 */
#ifndef OHC_OCI_TAR_WINDOW_H
#define OHC_OCI_TAR_WINDOW_H

#include <sys/stat.h>

#include "core/io.h"

#define OHC_TAR_BLOCK 512
#define OHC_TAR_PIECE (128 * 1024)

/* Starts as zero, with src. */
struct ohc_tar_window {
	struct ohc_source *src;
	uint64_t pos;      /* in the tar: where the piece ends */
	uint64_t data_end; /* of the current entry, without its padding */
	size_t len;        /* of the piece */
	size_t kept;       /* bytes before the piece that are still there */
	char bytes[OHC_TAR_BLOCK + OHC_TAR_PIECE];
};

/* Gives the next piece, from the source or filled in: its length, 0 at the end, or a code. */
ssize_t ohc_tar_window_read(struct ohc_tar_window *w, const void **ret, struct ohc_error *err);

/* Skips at most n bytes behind the piece, as far as the source can.  Returns how many. */
uint64_t ohc_tar_window_skip(struct ohc_tar_window *w, uint64_t n);

/* The permissions in the header that ends at offset; false where none stands there. */
bool ohc_tar_window_mode(const struct ohc_tar_window *w, uint64_t offset, mode_t *ret);

#endif
