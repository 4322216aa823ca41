/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents and blobs that oci/image/verify.h has to look at, gathered while the documents are
 * read: each document and each blob once, whatever refers to it, in the order in which they were
 * met first.
 */
#ifndef OHC_OCI_IMAGE_VERIFY_LIST_H
#define OHC_OCI_IMAGE_VERIFY_LIST_H

#include "core/strv.h"
#include "oci/documents/index.h"
#include "oci/image/verify.h"

struct ohc_verify_document {
	struct ohc_descriptor d;
	char *where; /* what refers to it */
	struct ohc_platform platform;
	bool has_platform;
};

struct ohc_verify_entry {
	struct ohc_descriptor d;
	char diff_id[OHC_DIGEST_MAX]; /* or "" */
	char *where;                  /* what refers to it first */
	bool read;                    /* read already, as configs are */
	struct ohc_strv problems;
	uint64_t plain;
};

struct ohc_verify_list {
	struct ohc_verify_document *documents;
	size_t n_documents;
	struct ohc_verify_entry *blobs;
	size_t n_blobs;
	json_t *seen; /* digest -> index in blobs, or -1 for a document */
};

void ohc_verify_list_init(struct ohc_verify_list *l);
void ohc_verify_list_clear(struct ohc_verify_list *l);

/* A document that was read already, the root. */
void ohc_verify_list_seen(struct ohc_verify_list *l, const char *digest);

/* An entry of an index, whose media type says that it is a document.  OHC_E_FORMAT: too many. */
int ohc_verify_list_document(struct ohc_verify_list *l, const struct ohc_index_entry *e,
			     const char *where, struct ohc_error *err);

/* ret is the new entry, or NULL where the blob is in the list already: then found is told when size
 * or media type differ.  diff_id is "" where none is known.  *ret is valid until the next call. */
int ohc_verify_list_blob(struct ohc_verify_list *l, const struct ohc_descriptor *d,
			 const char *diff_id, const char *where, ohc_found_fn found, void *ctx,
			 struct ohc_verify_entry **ret, struct ohc_error *err);

#endif
