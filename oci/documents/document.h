/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manifest or an index as the bytes it is stored as, with the descriptor of those bytes.
 * Documents are kept as bytes because their digest is over the bytes: parsed and written again they
 * may be another document.
 */
#ifndef OHC_OCI_DOCUMENTS_DOCUMENT_H
#define OHC_OCI_DOCUMENTS_DOCUMENT_H

#include "core/buf.h"
#include "oci/documents/descriptor.h"

/* Manifests, indexes and configs: distribution-spec asks registries for 4 MiB. */
#define OHC_DOCUMENT_MAX (4u << 20)

struct ohc_document {
	struct ohc_buf bytes;
	struct ohc_descriptor d;
	bool follows_rules; /* as ohc_manifest_write() knows: it need not be parsed to see that */
};

#define OHC_DOCUMENT_INIT             \
	{                             \
		.bytes = OHC_BUF_INIT \
	}

void ohc_document_copy(struct ohc_document *ret, const struct ohc_document *doc);
void ohc_document_clear(struct ohc_document *doc);

#endif
