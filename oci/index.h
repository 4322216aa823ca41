/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes (image-spec image-index.md; Docker manifest lists): which manifest is for which platform.
 *
 *	rc = ohc_resolve_image(store, "22.04", &platform, &doc, &root, NULL, err);
 *
 * does all of it: gets what the name names and goes through indexes down to the image's manifest.
 */
#ifndef OHC_OCI_INDEX_H
#define OHC_OCI_INDEX_H

#include "oci/descriptor.h"
#include "oci/platform.h"
#include "oci/store.h"

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

/* A message names the index by digest and the place in it ("manifests[2]"). */
int ohc_index_parse(const struct ohc_document *doc, struct ohc_index *ret, struct ohc_error *err);
void ohc_index_clear(struct ohc_index *index);

/* The entry for a platform: of those that match (oci/platform.h) the best, of equal ones the first.
 * OHC_E_NOT_FOUND lists the platforms that there are; what is the index's name for it. */
int ohc_index_choose(const struct ohc_index *index, const struct ohc_platform *want,
		     const char *what, const struct ohc_index_entry **ret, struct ohc_error *err);

/*
 * Gets the manifest that ref names in a store, through an index (nested ones too, 4 deep) when it
 * is one.  Where no entry of an index names the wanted platform, those that name none are looked
 * into: indexes, and manifests by what their config says.
 *
 * ret_root is the descriptor of what the name named itself: the index, when it is one.
 * ret_entry_platform is what the index said of the manifest, empty where nothing did; a manifest
 * that was named directly is taken whatever its platform.  Any ret but ret_doc may be NULL.
 */
int ohc_resolve_image(struct ohc_store *s, const char *ref, const struct ohc_platform *want,
		      struct ohc_document *ret_doc, struct ohc_descriptor *ret_root,
		      struct ohc_platform *ret_entry_platform, struct ohc_error *err);

#endif
