/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes (image-spec image-index.md; Docker manifest lists): which manifest is for which platform.
 * oci/image/resolve.h goes from a name through indexes down to an image's manifest.
 */
#ifndef OHC_OCI_DOCUMENTS_INDEX_H
#define OHC_OCI_DOCUMENTS_INDEX_H

#include "oci/documents/document.h"
#include "oci/documents/platform.h"

struct ohc_index_entry {
	struct ohc_descriptor d;
	bool has_platform;
	struct ohc_platform platform;
	bool attestation; /* unknown/unknown, or vnd.docker.reference.type: no image to run */
	const char *tag;  /* org.opencontainers.image.ref.name, or NULL; borrowed from doc */
};

struct ohc_index {
	json_t *doc;
	struct ohc_descriptor self;
	struct ohc_index_entry *entries;
	size_t n;
};

#define OHC_INDEX_INIT      \
	{                   \
		.doc = NULL \
	}

/* A message names the index by digest and the entry ("manifests[2]"). */
int ohc_index_parse(const struct ohc_document *doc, struct ohc_index *ret, struct ohc_error *err);
void ohc_index_clear(struct ohc_index *index);

/* Finds the entry for a platform: the best of those that match (oci/documents/platform.h), the
 * first of equal ones.  OHC_E_NOT_FOUND lists the platforms that there are; what is the index's
 * name for it. */
int ohc_index_choose(const struct ohc_index *index, const struct ohc_platform *want,
		     const char *what, const struct ohc_index_entry **ret, struct ohc_error *err);

#endif
