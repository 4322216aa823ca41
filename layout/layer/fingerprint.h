/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one digest of what stat(2) says of files: path, type and mode, size, times of change to the
 * nanosecond, inode.  While it stays the same, none of the files was written to, and reading them
 * again would give the same bytes.
 *
 *	ohc_fingerprint_start(&print);
 *	ohc_fingerprint_add(&print, "/bin/x", &st);		of each, in order
 *	...
 *	ohc_fingerprint_end(&print, digest, &settled);
 *
 * Where a file was written within the last moments (core/stamp.h), settled is false, and the digest
 * must not be kept.  The fingerprint of a directory comes with its listing
 * (layout/layer/listing.h).
 */
#ifndef OHC_LAYOUT_LAYER_FINGERPRINT_H
#define OHC_LAYOUT_LAYER_FINGERPRINT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "oci/documents/digest.h"

struct ohc_fingerprint {
	struct ohc_hash *hash;
	time_t now;
	bool settled;
};

void ohc_fingerprint_start(struct ohc_fingerprint *f);
void ohc_fingerprint_add(struct ohc_fingerprint *f, const char *path, const struct stat *st);

/* Must also be called when the digest is not wanted any more: it frees what start() made. */
void ohc_fingerprint_end(struct ohc_fingerprint *f, char ret[OHC_DIGEST_MAX], bool *ret_settled);

/* The fingerprint of one regular file.  For anything else (a pipe) *ret_settled is false. */
int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled,
			 struct ohc_error *err);

#endif
