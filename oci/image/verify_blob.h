/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies one blob for oci/image/verify.h: its bytes, and for a layer also the tar that it
 * decompresses to. */
#ifndef OHC_OCI_IMAGE_VERIFY_BLOB_H
#define OHC_OCI_IMAGE_VERIFY_BLOB_H

#include "core/report.h"
#include "core/strv.h"
#include "oci/store/store.h"

/* Limits the size of a decompressed layer: a larger one was made to waste its reader's
 * time.  There is no limit by what was read of it: gzip compresses zeros 1032 times, zstd 32,768
 * times.
 */
#define OHC_LAYER_SIZE_MAX (UINT64_C(1) << 38)

#define OHC_PLAIN_UNKNOWN UINT64_MAX

struct ohc_verify_blob_options {
	struct ohc_report *report;
	uint64_t plain_max; /* bytes of a layer; 0: OHC_LAYER_SIZE_MAX */
};

/* Reads d to its end and adds what is wrong to *problems.  A layer (by its media type) is
 * decompressed too, read as a tar, and held to diff_id unless that is "".  Fails only where nothing
 * can be known of the blob; *ret_plain, the decompressed size of a layer, is set in any case: to
 * OHC_PLAIN_UNKNOWN where the blob is not there. */
int ohc_verify_blob(struct ohc_store *s, const struct ohc_descriptor *d, const char *diff_id,
		    const struct ohc_verify_blob_options *options, struct ohc_strv *problems,
		    uint64_t *ret_plain, struct ohc_error *err);

/* Is it a fault of the image, and not of the connection or the disk? */
bool ohc_verify_blob_is_fault(int rc);

#endif
