// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/document.h"

#include <string.h>

void ohc_document_clear(struct ohc_document *doc)
{
	ohc_buf_clear(&doc->bytes);
	memset(&doc->d, 0, sizeof(doc->d));
}
