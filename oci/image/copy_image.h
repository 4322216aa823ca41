/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies whole images from one store to another: manifests, their blobs, and all that an index
 * lists, children before parents, so that nothing at the destination ever refers to what is not
 * there yet.  The bytes of manifests stay what they are, and so their digests, unless another
 * family is asked for, or plain layers are to be compressed.
 *
 *	struct ohc_copy c = { .from = from, .to = to, .jobs = 4, .report = report };
 *
 *	rc = ohc_copy_image(&c, "22.04", tags, n_tags, &written, err);
 *	rc = ohc_store_finish(to, err);
 *	... c.total ...
 *	ohc_copy_clear(&c);
 *
 * One struct ohc_copy serves any number of images, one after another: what was copied once is not
 * copied again.
 */
#ifndef OHC_OCI_IMAGE_COPY_IMAGE_H
#define OHC_OCI_IMAGE_COPY_IMAGE_H

#include "core/strv.h"
#include "oci/image/copy.h"
#include "oci/image/copy_compressed.h"
#include "oci/documents/manifest.h"
#include "oci/documents/platform.h"

struct ohc_copy_total {
	uint64_t manifests;   /* written, indexes among them */
	uint64_t blobs[4];    /* by enum ohc_copy_action */
	uint64_t bytes_moved; /* of the blobs that were copied */
};

struct ohc_copy {
	struct ohc_store *from, *to;
	const struct ohc_platform *platform; /* of an index only this one; NULL: all of it */
	bool convert;                        /* to this family: */
	enum ohc_family family;
	bool referrers; /* also the manifests whose subject is one that is copied, and theirs */
	const struct ohc_codec *compress; /* compress layers that are not; NULL: leave them */
	bool images_only; /* refuse what no engine could load: artifacts, whatever their config */
	size_t jobs;
	struct ohc_report *report;

	struct ohc_copy_total total;
	/* Private: what became of what was copied, and where in it by the digest at the source. */
	struct ohc_descriptor *done;
	size_t n_done;
	struct ohc_map *places;
	struct ohc_copy_compressed compressed; /* private: which layers were compressed */
};

/* Copies what ref names, and gives it the tags (none: no tag, or the store's default). *ret
 * describes what was written, which is not what ref names when a platform was chosen or the family
 * changed. */
int ohc_copy_image(struct ohc_copy *c, const char *ref, const char *const *tags, size_t n_tags,
		   struct ohc_descriptor *ret, struct ohc_error *err);
void ohc_copy_clear(struct ohc_copy *c);

#endif
