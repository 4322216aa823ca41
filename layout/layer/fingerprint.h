/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stat(2) says of everything below a directory, as one digest: path, type and mode, size,
 * times of change to the nanosecond, inode.  While it stays the same, nothing below was written to,
 * and what a walk of the directory gave would be given again.
 *
 * Where a file was written within the last moments (core/stamp.h), *ret_settled is false, and the
 * digest must not be kept.
 */
#ifndef OHC_LAYOUT_LAYER_FINGERPRINT_H
#define OHC_LAYOUT_LAYER_FINGERPRINT_H

#include <stdbool.h>

#include "oci/documents/digest.h"

/* Of one regular file.  Of another (a pipe) nothing is known: *ret_settled is false. */
int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled,
			 struct ohc_error *err);

int ohc_fingerprint(const char *dir, char ret[OHC_DIGEST_MAX], bool *ret_settled,
		    struct ohc_error *err);

#endif
