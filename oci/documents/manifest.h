/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image manifests (image-spec manifest.md; Docker schema 2), as JSON with every field kept and the
 * descriptors laid out beside it.  oci/documents/index.h, which this includes, has the indexes.
 *
 *	rc = ohc_manifest_parse(&doc, &m, err);
 *	for (size_t i = 0; i < m.n_layers; i++)
 *		... m.layers[i] ...
 *	ohc_manifest_clear(&m);
 */
#ifndef OHC_OCI_DOCUMENTS_MANIFEST_H
#define OHC_OCI_DOCUMENTS_MANIFEST_H

#include "oci/documents/document.h"
#include "oci/documents/index.h"

#define OHC_LAYERS_MAX 4096

struct ohc_manifest {
	json_t *doc;
	enum ohc_family family;
	struct ohc_descriptor self; /* of the document it was parsed from */
	struct ohc_descriptor config;
	struct ohc_descriptor *layers;
	size_t n_layers;
};

#define OHC_MANIFEST_INIT   \
	{                   \
		.doc = NULL \
	}

/* doc holds a manifest, as ohc_store_get_manifest() gives it.  Checks what the spec demands of the
 * fields we use; a message names the manifest by digest and the descriptor ("layers[2]"). */
int ohc_manifest_parse(const struct ohc_document *doc, struct ohc_manifest *ret,
		       struct ohc_error *err);
void ohc_manifest_clear(struct ohc_manifest *m);

/* Is it an artifact and no image?  Then its config is empty ("{}", or no bytes), or no layer is one
 * of a file system: an attestation, a signature, or anything else that registries keep.  Its config
 * may be anything, even when its media type is an image config's. */
bool ohc_manifest_is_artifact(const struct ohc_manifest *m);

/* A deep copy, to be edited. */
void ohc_manifest_copy(struct ohc_manifest *ret, const struct ohc_manifest *m);

/* Adds a layer at the end, both to doc and to layers. */
void ohc_manifest_add_layer(struct ohc_manifest *m, const struct ohc_descriptor *layer);

/* Puts another blob in a layer's place: what said where the old one's bytes are goes. */
void ohc_manifest_set_layer(struct ohc_manifest *m, size_t i, const struct ohc_descriptor *layer);

/* Replaces the config's descriptor; unknown members of the old one stay, but `data` goes. */
void ohc_manifest_set_config(struct ohc_manifest *m, const struct ohc_descriptor *config);

/* value NULL removes the annotation. */
void ohc_manifest_annotate(struct ohc_manifest *m, const char *key, const char *value);

/* Serializes doc; ret->d is its new descriptor. */
void ohc_manifest_write(const struct ohc_manifest *m, struct ohc_document *ret);

/* An empty manifest of a family, for `scratch`: no layers, config not yet set. */
void ohc_manifest_init(struct ohc_manifest *m, enum ohc_family family);

#endif
