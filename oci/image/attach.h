/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that hang on an image: an SBOM, a signature, a report.  Each is an artifact whose `subject`
 * is the image (image-spec manifest.md, "Guidelines for Artifact Usage"), with the file as its only
 * layer, the empty config, and no time: the same file gives the same manifest, and attaching it
 * again does nothing.
 *
 *	struct ohc_attach a = { .store = s, .subject = d, .type = "application/spdx+json" };
 *
 *	rc = ohc_attach_check(&a, err);
 *	rc = ohc_attach_file(&a, src, &done, err);
 *	rc = ohc_store_finish(s, err);
 *
 *	rc = ohc_attach_list(s, d.digest, &list, err);
 *	rc = ohc_store_delete_referrer(s, d.digest, digest, err);
 */
#ifndef OHC_OCI_IMAGE_ATTACH_H
#define OHC_OCI_IMAGE_ATTACH_H

#include "core/strv.h"
#include "oci/store/store.h"

struct ohc_attach {
	struct ohc_store *store;
	struct ohc_descriptor subject;
	const char *type;                   /* of the artifact and of the file */
	const char *title;                  /* the file's name, or NULL */
	const struct ohc_strv *annotations; /* of the artifact, "K=V" each, or NULL */
	struct ohc_report *report;
};

struct ohc_attached {
	struct ohc_descriptor manifest;
	struct ohc_descriptor file;
	bool was_there; /* nothing was written */
};

/* OHC_E_USAGE: type is no media type, or an annotation none.  Store and subject may be missing. */
int ohc_attach_check(const struct ohc_attach *a, struct ohc_error *err);

/* Reads the file to its end; one that can seek is read twice, and sent only when it is new. */
int ohc_attach_file(const struct ohc_attach *a, struct ohc_source *file, struct ohc_attached *ret,
		    struct ohc_error *err);

/* The same of a file that lies in another store, from where it is mounted or copied. */
int ohc_attach_blob(const struct ohc_attach *a, struct ohc_store *from,
		    const struct ohc_descriptor *file, struct ohc_attached *ret,
		    struct ohc_error *err);

/* The descriptors (with artifactType and annotations) of what hangs on the digest, as an array that
 * the caller frees, ordered by type, then digest. */
int ohc_attach_list(struct ohc_store *s, const char *subject, json_t **ret, struct ohc_error *err);

#endif
