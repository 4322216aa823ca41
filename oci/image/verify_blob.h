/* SPDX-License-Identifier: Apache-2.0 */
/* One blob of oci/image/verify.h: its bytes, and what a layer is when it is decompressed. */
#ifndef OHC_OCI_IMAGE_VERIFY_BLOB_H
#define OHC_OCI_IMAGE_VERIFY_BLOB_H

#include "core/report.h"
#include "core/strv.h"
#include "oci/store/store.h"

/* Reads d to its end and adds what is wrong to *problems.  A layer (by its media type) is
 * decompressed too, and held to diff_id unless that is "".  Fails only where nothing can be known
 * of the blob; *ret_plain, the decompressed size of a layer, is set in any case. */
int ohc_verify_blob(struct ohc_store *s, const struct ohc_descriptor *d, const char *diff_id,
		    struct ohc_report *report, struct ohc_strv *problems, uint64_t *ret_plain,
		    struct ohc_error *err);

/* Is the failure one of the image, not of the way to it? */
bool ohc_verify_blob_is_fault(int rc);

#endif
