/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps manifests, indexes and configs in the cache, by digest: a registry counts the GET of a
 * manifest as a pull, but not a HEAD, which tells the digest of a tag.
 *
 *	if (ohc_documents_get(cache, digest, &bytes))
 *		... what the digest promises, unless the cache was damaged: hash it ...
 *	ohc_documents_keep(cache, digest, &bytes);
 *
 * A tag costs a HEAD only where it was read before; else one GET does both.  Every function takes a
 * NULL cache, in which nothing is found.
 */
#ifndef OHC_OCI_STORE_DOCUMENTS_H
#define OHC_OCI_STORE_DOCUMENTS_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/cache.h"

bool ohc_documents_get(struct ohc_cache *cache, const char *digest, struct ohc_buf *ret);
void ohc_documents_keep(struct ohc_cache *cache, const char *digest, const struct ohc_buf *bytes);

/* Was the tag of that store read before?  The store is given by its name. */
bool ohc_documents_knows(struct ohc_cache *cache, const char *store, const char *tag);
void ohc_documents_know(struct ohc_cache *cache, const char *store, const char *tag);

#endif
