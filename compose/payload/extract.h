/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads that must be read through before they are a layer: a tar, and an image that holds more
 * than its target (layout/layer/from_tar.h, layout/layer/from_rootfs.h).
 *
 *	x = ohc_extract_new(payload);
 *	rc = ohc_extract_tar(x, &inputs, err);		or _image(): what it holds is known, …
 *	ohc_extract_has(x, "/openhands/bin/bash");
 *	part.making = &x->making;				… and here its bytes
 *	ohc_extract_free(x);
 *
 * Of a tar that was read before, as its stat fingerprint tells, the cache has the index, and of an
 * image the indexes of its layers: then nothing is read before the bytes are wanted, which they are
 * not when the layer, too, is known (compose/payload/memo.h).  A tar is read at most once, as
 * standard input has to be: its bytes wait in a spool file.
 */
#ifndef OHC_COMPOSE_PAYLOAD_EXTRACT_H
#define OHC_COMPOSE_PAYLOAD_EXTRACT_H

#include "compose/payload/part.h"
#include "layout/layer/from_tar.h"
#include "oci/documents/manifest.h"

#define OHC_CACHE_TARS "tar-index"

struct ohc_extract {
	struct ohc_making making;     /* a layer; its bytes are 0 for an image */
	struct ohc_layer_index index; /* of a tar: of the layer to be */
	struct ohc_from_rootfs
		tree; /* what the layer will be; fs is NULL for a tar that was not read */

	/* compose/payload/extract.c's own: */
	const struct ohc_inputs *in;
	char *source, *target, *what, *title;
	char *identity; /* what the cache knows it by; NULL: nothing may be kept */
	char *key;
	struct ohc_rootfs *fs; /* of the index that the cache had */
	struct ohc_from_tar tar;
	char *root; /* of an image */
	struct ohc_from_rootfs_layers layers;
	struct ohc_spooled *taken;
	struct ohc_from_rootfs_layer layer; /* taken is NULL before the bytes were read */
	uint64_t read;                      /* bytes of the files in a tar */
};

struct ohc_extract *ohc_extract_new(const struct ohc_payload *p);
void ohc_extract_free(struct ohc_extract *x);

/* A second call does nothing.  in must stay as long as x. */
int ohc_extract_tar(struct ohc_extract *x, const struct ohc_inputs *in, struct ohc_error *err);

/* fs is the image's tree; all must stay as long as x.  OHC_E_NOT_FOUND:
 * it has no such directory. */
int ohc_extract_image(struct ohc_extract *x, const struct ohc_inputs *in,
		      const struct ohc_rootfs *fs, struct ohc_store *store,
		      const struct ohc_manifest *m, struct ohc_error *err);

/* The same entries, whose bytes are read now.  *ret is the caller's, to be freed before x. */
int ohc_extract_bundle(struct ohc_extract *x, struct ohc_assembly **ret, struct ohc_error *err);

/* Is there a file (absolute path, in the image to be)? */
bool ohc_extract_has(const struct ohc_extract *x, const char *path);

#endif
