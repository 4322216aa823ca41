/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's archives have no manifests.  This makes them from what manifest.json lists, and knows
 * which file of the archive each of their blobs is.  docker.h says how they come out.
 */
#ifndef OHC_OCI_ARCHIVE_DOCKER_MADE_H
#define OHC_OCI_ARCHIVE_DOCKER_MADE_H

#include "oci/archive/files.h"
#include "oci/store/store.h"

/* A file of the archive as a blob. */
struct ohc_docker_part {
	char digest[OHC_DIGEST_MAX];
	const struct ohc_archive_file *file;
	int64_t size;    /* of the blob */
	bool decompress; /* no media type tells how the file is compressed: the blob is plain */
};

/* Starts as zero. */
struct ohc_docker_made {
	struct ohc_docker_part *parts;
	size_t n_parts;
	struct ohc_document *documents;
	size_t n_documents;
};

/* Makes the manifest of an item of manifest.json, and keeps it.  A compressed layer that is not
 * named by its digest is read to know it. */
int ohc_archive_docker_make(struct ohc_docker_made *made, struct ohc_archive *a, const json_t *item,
			    struct ohc_descriptor *ret, struct ohc_error *err);

/* The layer that was made, or NULL. */
const struct ohc_document *ohc_docker_made_document(const struct ohc_docker_made *made,
						    const char *digest);
const struct ohc_docker_part *ohc_docker_made_part(const struct ohc_docker_made *made,
						   const char *digest);

/* The part's bytes; the caller closes it, before the archive. */
struct ohc_source *ohc_docker_made_source(struct ohc_archive *a,
					  const struct ohc_docker_part *part);

void ohc_docker_made_clear(struct ohc_docker_made *made);

#endif
