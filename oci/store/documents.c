// SPDX-License-Identifier: Apache-2.0
#include "oci/store/documents.h"

#include "core/alloc.h"
#include "oci/documents/document.h"

#define NAMESPACE "documents"

bool ohc_documents_get(struct ohc_cache *cache, const char *digest, struct ohc_buf *ret)
{
	return cache && ohc_cache_get(cache, NAMESPACE, digest, OHC_DOCUMENT_MAX, ret);
}

void ohc_documents_keep(struct ohc_cache *cache, const char *digest, const struct ohc_buf *bytes)
{
	if (cache)
		ohc_cache_put(cache, NAMESPACE, digest, ohc_buf_str(bytes), bytes->len);
}

static char *tag_key(const char *store, const char *tag)
{
	return ohc_xasprintf("tag %s:%s", store, tag);
}

bool ohc_documents_knows(struct ohc_cache *cache, const char *store, const char *tag)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf mark = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *key = tag_key(store, tag);

	return cache && ohc_cache_get(cache, NAMESPACE, key, 16, &mark);
}

void ohc_documents_know(struct ohc_cache *cache, const char *store, const char *tag)
{
	ohc_cleanup(ohc_freep) char *key = tag_key(store, tag);

	if (cache && !ohc_documents_knows(cache, store, tag))
		ohc_cache_put(cache, NAMESPACE, key, "read", 4);
}
