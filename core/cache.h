/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps between runs what is known of layers and payloads: bytes by namespace and key.
 *
 *	ohc_cache_open(NULL, 0, report, &cache);
 *	if (!ohc_cache_get(cache, "layer-index", key, max, &bytes)) {
 *		... find out ...
 *		ohc_cache_put(cache, "layer-index", key, bytes.data, bytes.len);
 *	}
 *	ohc_cache_close(cache);
 *
 * A cache may vanish, be full, read-only or damaged, and nothing is the worse for it: get() then
 * finds nothing, and put() warns once and goes on.  So neither can fail.  A NULL cache is
 * --no-cache: empty, and it forgets.
 *
 * A key is text without line ends.  What the bytes mean changes with time, so a key holds their
 * version ("2 sha256:…"): two versions of the program then live side by side.  Nothing that was
 * not proved goes in; what comes out is what went in, held to a digest, but may have been written
 * by another program: whoever reads it checks bounds.
 *
 * On disk: DIR/NAMESPACE/xx/HEX, HEX the sha256 of the key, xx its first two digits.  Entries
 * appear whole (core/file.h), so any number of processes and threads may share a cache.  It is
 * bounded: when it has grown beyond OHC_CACHE_MAX, what was not used for longest goes.
 */
#ifndef OHC_CORE_CACHE_H
#define OHC_CORE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/report.h"

#define OHC_CACHE_MAX (UINT64_C(1) << 30)

struct ohc_cache;

/* dir NULL or "": $XDG_CACHE_HOME/ohcompose, or ~/.cache/ohcompose.  *ret is NULL (no cache) where
 * neither is known.  Nothing is made before the first put.  max is 0 for OHC_CACHE_MAX. */
void ohc_cache_open(const char *dir, uint64_t max, struct ohc_report *report,
		    struct ohc_cache **ret);
void ohc_cache_close(struct ohc_cache *c);
void ohc_cache_closep(struct ohc_cache **c);

/* One that nobody else sees, in a directory for temporary files (core/spool.h), which goes when it
 * is closed: --no-cache, where one run needs twice what it found out.  *ret is NULL, with a
 * warning, where no such directory can be made. */
void ohc_cache_open_own(struct ohc_report *report, struct ohc_cache **ret);

const char *ohc_cache_dir(const struct ohc_cache *c);

/* True, and *ret is the bytes, when they are there and at most max.  *ret must be empty. */
bool ohc_cache_get(struct ohc_cache *c, const char *ns, const char *key, size_t max,
		   struct ohc_buf *ret);

void ohc_cache_put(struct ohc_cache *c, const char *ns, const char *key, const void *data,
		   size_t n);

/* The same for a small entry that changes again and again: it is written within seconds, or when
 * the cache is closed, and may be lost by a kill. */
void ohc_cache_put_soon(struct ohc_cache *c, const char *ns, const char *key, const void *data,
			size_t n);

/* The use of the cache by namespace, sorted by name. */
struct ohc_cache_use {
	char *ns;
	uint64_t entries, bytes;
};

struct ohc_cache_info {
	struct ohc_cache_use *v;
	size_t n;
	uint64_t entries, bytes; /* of all */
};

int ohc_cache_info(const struct ohc_cache *c, struct ohc_cache_info *ret, struct ohc_error *err);
void ohc_cache_info_clear(struct ohc_cache_info *info);

/* Removes what was not used for longest until at most `keep` bytes are left, and what killed
 * writers left behind.  *ret tells what was removed; its ns is NULL. */
int ohc_cache_prune(const struct ohc_cache *c, uint64_t keep, struct ohc_cache_use *ret,
		    struct ohc_error *err);

#endif
