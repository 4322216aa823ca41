/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peeks at an image: makes its tree by reading each of its layers at most once, and none that is
 * known.
 *
 *	struct ohc_peek_options o = { .cache = cache, .hook = &hook, .report = report };
 *
 *	peek = ohc_peek_new(&o);
 *	rc = ohc_peek_layers(peek, store, manifest.layers, manifest.n_layers, &fs, err);
 *	...				and further images: what they share is not read again
 *	ohc_peek_free(peek);
 *
 * The index of a layer is in the cache, by its digest.  A layer that is not there is streamed
 * (several at a time) and its index kept, once all of the blob was read and was what its digest
 * promises.  Two threads that want the same layer read it once.
 */
#ifndef OHC_LAYOUT_ROOTFS_PEEK_H
#define OHC_LAYOUT_ROOTFS_PEEK_H

#include "core/report.h"
#include "layout/rootfs/rootfs.h"
#include "layout/rootfs/scan.h"
#include "core/cache.h"
#include "oci/store/store.h"

#define OHC_CACHE_LAYERS "layer-index"

struct ohc_peek_options {
	struct ohc_cache *cache;              /* NULL: none */
	const struct ohc_scan_hook *hook;     /* NULL: none */
	const struct ohc_scan_limits *limits; /* NULL: the default */
	unsigned int jobs;                    /* layers read at a time; 0: the default */
	struct ohc_report *report;
};

struct ohc_peek;

/* Everything that the options point to must outlive it. */
struct ohc_peek *ohc_peek_new(const struct ohc_peek_options *options);
void ohc_peek_free(struct ohc_peek *p);
void ohc_peek_freep(struct ohc_peek **p);

/* Is the layer in the cache, so that it need not be read? */
bool ohc_peek_knows(struct ohc_peek *p, const struct ohc_descriptor *d);

/* The layers are an image's, lowest first.  May be called from several threads. */
int ohc_peek_layers(struct ohc_peek *p, struct ohc_store *store,
		    const struct ohc_descriptor *layers, size_t n, struct ohc_rootfs **ret,
		    struct ohc_error *err);

/* The same for callers who need the indexes and not only their merged tree: fn is called with each
 * layer's, lowest first, and stops it with a code. */
typedef int (*ohc_peek_fn)(void *ctx, const void *index, size_t n, const char *what,
			   struct ohc_error *err);

int ohc_peek_each(struct ohc_peek *p, struct ohc_store *store, const struct ohc_descriptor *layers,
		  size_t n, ohc_peek_fn fn, void *ctx, struct ohc_error *err);

/* Puts the index of a layer that was made here where ohc_peek_layers() will look for it, so that
 * the layer is never read.  Nothing is kept where the cache is NULL, or the index is empty or
 * unfinished. */
void ohc_peek_keep(struct ohc_cache *cache, const struct ohc_scan_hook *hook, const char *digest,
		   const struct ohc_layer_index *index);

#endif
