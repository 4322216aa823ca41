/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a name to the manifest of one image:
 *
 *	rc = ohc_resolve_image(store, "22.04", &platform, &doc, &root, NULL, err);
 *
 * gets what the name names and goes through indexes down to the manifest for a platform.
 */
#ifndef OHC_OCI_IMAGE_RESOLVE_H
#define OHC_OCI_IMAGE_RESOLVE_H

#include "oci/documents/document.h"
#include "oci/documents/platform.h"
#include "oci/store/store.h"

/*
 * Gets the manifest that ref names in a store, through an index (nested ones too, 4 deep) when it
 * is one.  Where no entry of an index names the wanted platform, those that name none are looked
 * into: indexes, and manifests by what their config says.
 *
 * ret_root is the descriptor of what the name named itself: the index, when it is one.
 * ret_entry_platform is the platform that the index gives the manifest, empty where it gives none;
 * a manifest that was named directly is returned whatever its platform is.  Any ret but ret_doc may
 * be NULL.
 */
int ohc_resolve_image(struct ohc_store *s, const char *ref, const struct ohc_platform *want,
		      struct ohc_document *ret_doc, struct ohc_descriptor *ret_root,
		      struct ohc_platform *ret_entry_platform, struct ohc_error *err);

/* The same from what ref names, which the caller has read.  *root is left empty where it is the
 * manifest; the caller clears it. */
int ohc_resolve_root(struct ohc_store *s, const char *ref, struct ohc_document *root,
		     const struct ohc_platform *want, struct ohc_document *ret_doc,
		     struct ohc_platform *ret_entry_platform, struct ohc_error *err);

#endif
