/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records what stat(2) says of a file, its marks: device, inode, type and mode, links, size, times
 * of change to the nanosecond.  While its marks stay the same, a file was not written to, and
 * reading it again would give the same bytes.  A digest of marks is a fingerprint; that of a
 * directory comes with its listing (layout/layer/listing.h).
 *
 *	struct ohc_buf marks = OHC_BUF_INIT;
 *
 *	ohc_fingerprint_put(&marks, &st);
 *
 *	in = ohc_record_read(marks.data, marks.len);
 *	ohc_fingerprint_get(&in, &st);
 *
 * Of a file that was written within the last moments (core/stamp.h) a fingerprint is not settled,
 * and must not be kept.
 */
#ifndef OHC_LAYOUT_LAYER_FINGERPRINT_H
#define OHC_LAYOUT_LAYER_FINGERPRINT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/record.h"
#include "oci/documents/digest.h"

void ohc_fingerprint_put(struct ohc_buf *b, const struct stat *st);

/* Sets what put() writes, and nothing else. */
void ohc_fingerprint_get(struct ohc_record_reader *in, struct stat *ret);

/* The fingerprint of one regular file.  For anything else (a pipe) *ret_settled is false. */
int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled,
			 struct ohc_error *err);

#endif
