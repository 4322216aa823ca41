/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of a cache that wait to be written (ohc_cache_put_soon() in core/cache.h): the last bytes
 * of each key.
 *
 *	struct ohc_cache_pending *p = ohc_cache_pending_new();
 *
 *	if (ohc_cache_pending_set(p, ns, key, data, n))		it is time
 *		ohc_cache_pending_flush(p, write, ctx);
 *
 * May be used from several threads.
 */
#ifndef OHC_CORE_CACHE_PENDING_H
#define OHC_CORE_CACHE_PENDING_H

#include <stdbool.h>

#include "core/buf.h"

struct ohc_cache_pending;

struct ohc_cache_pending *ohc_cache_pending_new(void);
void ohc_cache_pending_free(struct ohc_cache_pending *p);

/* True: the first of them waits for so long, or they are so many, that they should be written. */
bool ohc_cache_pending_set(struct ohc_cache_pending *p, const char *ns, const char *key,
			   const void *data, size_t n);

/* Adds the bytes to *ret; false: none wait for that key. */
bool ohc_cache_pending_get(struct ohc_cache_pending *p, const char *ns, const char *key, size_t max,
			   struct ohc_buf *ret);

typedef void (*ohc_cache_write_fn)(void *ctx, const char *ns, const char *key, const void *data,
				   size_t n);

/* Writes all that wait. */
void ohc_cache_pending_flush(struct ohc_cache_pending *p, ohc_cache_write_fn write, void *ctx);

#endif
