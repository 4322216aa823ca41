// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/document.h"

#include <string.h>

void ohc_document_copy(struct ohc_document *ret, const struct ohc_document *doc)
{
	struct ohc_document out = { .bytes = OHC_BUF_INIT, .d = doc->d };

	ohc_buf_add(&out.bytes, ohc_buf_str(&doc->bytes), doc->bytes.len);
	*ret = out;
}

void ohc_document_clear(struct ohc_document *doc)
{
	ohc_buf_clear(&doc->bytes);
	memset(&doc->d, 0, sizeof(doc->d));
}
