/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compresses layers on their way from one store to another: docker's archives have them plain, and
 * registries should have them compressed.
 *
 *	rc = ohc_copy_compressed_layers(&compressed, &way, &m, &n, &bytes, err);
 *	... put m itself ...
 *	ohc_copy_compressed_clear(&compressed);
 *
 * A layer is read and compressed once, however many manifests list it.  Its media type becomes that
 * of its family for the compression; the diff ID in the config is of the plain bytes, and stays.
 */
#ifndef OHC_OCI_IMAGE_COPY_COMPRESSED_H
#define OHC_OCI_IMAGE_COPY_COMPRESSED_H

#include "oci/codec/codec.h"
#include "oci/documents/manifest.h"
#include "oci/store/store.h"

struct ohc_copy_compressed_layer {
	char plain[OHC_DIGEST_MAX];
	struct ohc_descriptor d; /* the compressed layer */
};

/* Starts as zero. */
struct ohc_copy_compressed {
	struct ohc_copy_compressed_layer *v;
	size_t n;
};

struct ohc_copy_compressed_way {
	struct ohc_store *from, *to;
	const struct ohc_codec *codec;
	size_t jobs;
	struct ohc_report *report;
};

/* Is it a layer that would be compressed? */
bool ohc_copy_compressed_wants(const struct ohc_codec *codec, const char *media_type);

/* One layer that is compressed as it is read. */
struct ohc_copy_compressing {
	struct ohc_source *blob, *metered;
	struct ohc_source *source; /* of the compressed bytes */
};

/* Plain or not, whatever its media type says: registries have had gzip under "tar".  task (or NULL)
 * is told what is read of the blob.  The caller closes *ret. */
int ohc_copy_compressing_open(struct ohc_store *from, const struct ohc_descriptor *d,
			      const struct ohc_codec *codec, struct ohc_task *task,
			      struct ohc_copy_compressing *ret, struct ohc_error *err);
void ohc_copy_compressing_close(struct ohc_copy_compressing *c);

/* Compresses those of m's layers that are not, puts them to the destination and into m.  *ret_n is
 * how many, *ret_bytes what they are there. */
int ohc_copy_compressed_layers(struct ohc_copy_compressed *compressed,
			       const struct ohc_copy_compressed_way *way, struct ohc_manifest *m,
			       size_t *ret_n, uint64_t *ret_bytes, struct ohc_error *err);
void ohc_copy_compressed_clear(struct ohc_copy_compressed *compressed);

#endif
