/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Referrers (image-spec manifest.md, "subject"; distribution-spec, "Listing Referrers") where no
 * registry lists them: the manifests of an index whose subject is a given digest.
 */
#ifndef OHC_OCI_STORE_REFERRERS_H
#define OHC_OCI_STORE_REFERRERS_H

#include "oci/store/store.h"

/* The tag under which a registry without the referrers API keeps the index of a digest's
 * referrers: "sha256-…", of a longer digest than that its first 64 digits.  The caller frees it. */
char *ohc_referrers_tag(const char *digest);

/* Is it such a tag, or one that tools derive from it ("sha256-….sig")? */
bool ohc_referrers_is_tag(const char *tag);

#define OHC_REFERRERS_MAX 10000 /* that a list may have */

/* The descriptor that stands for a manifest among its subject's referrers: with artifactType, else
 * the config's media type, and annotations (distribution-spec, "Listing Referrers"). */
json_t *ohc_referrers_entry(const struct ohc_descriptor *d, const json_t *manifest);

/* Where the digest stands in a list of descriptors; the list's length where it does not. */
size_t ohc_referrers_find(const json_t *list, const char *digest);

/*
 * Looks at the manifests that index (an index.json) lists, and at those of the index that it lists
 * under ohc_referrers_tag(), and writes the index of those whose subject is digest: descriptors
 * with artifactType and annotations.  Manifests that are missing or broken have no subject.
 */
int ohc_referrers_from_index(struct ohc_store *s, const json_t *index, const char *digest,
			     struct ohc_buf *ret_bytes, struct ohc_error *err);

#endif
