/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor (image-spec descriptor.md): media type, digest and size that are promised for a
 * blob.  A plain value, copied freely; the fields it does not hold (annotations, urls, platform)
 * stay in the document it came from.
 */
#ifndef OHC_OCI_DOCUMENTS_DESCRIPTOR_H
#define OHC_OCI_DOCUMENTS_DESCRIPTOR_H

#include <stdint.h>

#include "oci/documents/digest.h"
#include "oci/documents/json.h"
#include "oci/documents/media.h"

struct ohc_descriptor {
	char media_type[OHC_MEDIA_MAX];
	char digest[OHC_DIGEST_MAX];
	int64_t size; /* bytes, never negative */
};

/* Reads it from its JSON object; what ("layers[2] of …") is for messages. */
int ohc_descriptor_parse(const json_t *obj, const char *what, struct ohc_descriptor *ret,
			 struct ohc_error *err);

/* A new object with mediaType, digest and size, in this order. */
json_t *ohc_descriptor_json(const struct ohc_descriptor *d);

void ohc_descriptor_set(struct ohc_descriptor *d, const char *media_type, const char *digest,
			int64_t size);

/* Describes bytes in memory. */
void ohc_descriptor_of(struct ohc_descriptor *d, const char *media_type, const void *data,
		       size_t n);

#endif
