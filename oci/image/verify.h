/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an image hold together?  Everything that a name leads to is read and held to what is
 * promised of it: documents and blobs by size and digest, layers by decompressing against the
 * config's diff IDs and reading the tar, and all of the JSON against the rules of the image-spec
 * (oci/image/rules.h).
 *
 *	rc = ohc_verify_image(store, "22.04", &options, &result, err);
 *	if (rc == 0 && result.findings == 0)
 *		... the image is sound ...
 *
 * A fault of the image is no error of the call: each is told to options.found, in the order of the
 * image whatever the number of threads, and the check goes on.  The call fails when it cannot know:
 * no such image, no connection, no right to read, interrupted.
 *
 * An index is followed into all of its platforms, attestations and nested indexes.  Not read are
 * foreign layers, which registries do not hold, and what a `subject` names, which need not be
 * there.
 */
#ifndef OHC_OCI_IMAGE_VERIFY_H
#define OHC_OCI_IMAGE_VERIFY_H

#include "core/report.h"
#include "oci/store/store.h"

/* where: "layers[2] of manifest sha256:…"; message: what is wrong there. */
typedef void (*ohc_found_fn)(void *ctx, const char *where, const char *message);

struct ohc_verify_options {
	size_t jobs;               /* blobs at a time, at least 1 */
	struct ohc_report *report; /* a task a blob */
	uint64_t plain_max;        /* bytes of a layer, decompressed; 0: the default */
	ohc_found_fn found;
	void *ctx;
};

struct ohc_verify_result {
	struct ohc_descriptor root; /* what the name named */
	size_t documents;           /* manifests and indexes that were read */
	size_t blobs;               /* configs and layers that were read, each once */
	size_t skipped;             /* foreign layers */
	uint64_t bytes;             /* of the blobs, as they are stored */
	uint64_t plain_bytes;       /* of the layers, decompressed */
	size_t findings;
};

int ohc_verify_image(struct ohc_store *s, const char *ref, const struct ohc_verify_options *options,
		     struct ohc_verify_result *ret, struct ohc_error *err);

#endif
