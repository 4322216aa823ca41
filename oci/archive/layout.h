/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image layout inside an archive, for both kinds of archive stores.
 */
#ifndef OHC_OCI_ARCHIVE_LAYOUT_H
#define OHC_OCI_ARCHIVE_LAYOUT_H

#include "oci/archive/files.h"
#include "oci/documents/json.h"

/* Reads oci-layout and index.json.  *ret is NULL when the archive has no oci-layout. */
int ohc_archive_layout(struct ohc_archive *a, json_t **ret, struct ohc_error *err);

/* "blobs/sha256/HEX"; the caller frees it. */
char *ohc_archive_blob_path(const char *digest);

/* The file that holds a blob, or NULL. */
const struct ohc_archive_file *ohc_archive_blob(const struct ohc_archive *a, const char *digest);

/* Reads a whole JSON document out of the archive; OHC_E_NOT_FOUND when it is not there. */
int ohc_archive_json(struct ohc_archive *a, const char *path, size_t max, struct ohc_buf *ret,
		     struct ohc_error *err);

#endif
