/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar of an OCI image layout as a store to read from, as `skopeo copy … oci-archive:`, `podman
 * save --format oci-archive`, `docker save` (since 25) and we write it.  files.h says how it is
 * read; write.h writes one.
 */
#ifndef OHC_OCI_ARCHIVE_OCI_H
#define OHC_OCI_ARCHIVE_OCI_H

#include "core/report.h"
#include "oci/store/store.h"

/* file "-" is standard input. */
int ohc_oci_archive_open(const char *file, struct ohc_report *report, struct ohc_store **ret,
			 struct ohc_error *err);

#endif
