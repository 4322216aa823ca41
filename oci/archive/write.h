/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives as stores to write to, in one pass (oci/tar/out.h): oci-layout first, blobs as they
 * come, index.json last.  A docker-archive is the same image layout with docker's manifest.json
 * behind it, as docker itself writes it since version 25: `docker load` of every age reads it,
 * blobs and digests stay what they were, and it can be read as an oci-archive too.
 *
 * One blob goes in at a time (the store is `serial`).  Nothing appears under the file's name before
 * finish(); a file that is there is replaced.  The same images in the same order give the same
 * bytes.
 */
#ifndef OHC_OCI_ARCHIVE_WRITE_H
#define OHC_OCI_ARCHIVE_WRITE_H

#include "oci/documents/name.h"
#include "oci/store/store.h"

/* name: an oci-archive's or a docker-archive's; the file "-" is standard output. */
int ohc_archive_create(const struct ohc_name *name, struct ohc_store **ret, struct ohc_error *err);

#endif
