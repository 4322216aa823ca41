/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts manifests and indexes of one family to the other (image-spec media-types.md,
 * "Compatibility Matrix"): the documents are written anew, the blobs stay what they are.
 *
 *	rc = ohc_convert_manifest(&doc, OHC_FAMILY_DOCKER, say_lost, ctx, &converted, err);
 *
 * An index names its manifests by digest, so they go first: convert and put every entry's document,
 * then give their new descriptors to ohc_convert_index().
 *
 * A document that is of the family already, with all that it lists, comes back byte for byte; one
 * that has layers of both is set right.  Everything that the other family cannot hold is told to
 * `lost` ("annotations of layers[2]"), which may be NULL.  OHC_E_UNSUPPORTED, naming what it is:
 * zstd layers to Docker, artifacts (whatever is no image config over layers) to Docker, an index
 * within an index to Docker, media types that neither family has.
 */
#ifndef OHC_OCI_IMAGE_CONVERT_H
#define OHC_OCI_IMAGE_CONVERT_H

#include "oci/documents/manifest.h"

/* Changes a layer's media type so that it can go into a manifest of that family.  what is the image
 * that it comes from. */
int ohc_convert_layer(struct ohc_descriptor *d, enum ohc_family to, const char *what,
		      struct ohc_error *err);

/* Does a manifest stay what it is?  It is of the family, as are all its layers and its config. */
bool ohc_convert_keeps(const struct ohc_manifest *m, enum ohc_family to);

typedef void (*ohc_lost_fn)(void *ctx, const char *what);

int ohc_convert_manifest(const struct ohc_document *doc, enum ohc_family to, ohc_lost_fn lost,
			 void *ctx, struct ohc_document *ret, struct ohc_error *err);

/* Is the entry left out of an index of that family?  Docker's manifests cannot hold attestations,
 * so those need not be converted. */
bool ohc_convert_skips(const struct ohc_index_entry *entry, enum ohc_family to);

/* children[i] describes what the i-th entry of the index became; those of entries that are left
 * out are not looked at. */
int ohc_convert_index(const struct ohc_document *doc, enum ohc_family to,
		      const struct ohc_descriptor *children, ohc_lost_fn lost, void *ctx,
		      struct ohc_document *ret, struct ohc_error *err);

#endif
