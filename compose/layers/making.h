/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describes a layer that is made of entries while it goes to a store (layout/layer/pipeline.h), and
 * the rules by which all layers of a run are made.
 *
 *	struct ohc_making making = { .title = "payload /openhands",
 *				     .what = "payload 'build/openhands'",
 *				     .key = key,
 *				     .write = ohc_from_dir_write,
 *				     .ctx = &tree, … };
 *
 * compose/payload/payload.h and compose/pack/pack.h, which know the entries, fill it in;
 * compose/layers/move.h makes the layer.  Everything that it refers to must stay until then.
 */
#ifndef OHC_COMPOSE_LAYERS_MAKING_H
#define OHC_COMPOSE_LAYERS_MAKING_H

#include "core/cache.h"
#include "core/report.h"
#include "layout/layer/from_dir.h"
#include "layout/layer/pipeline.h"
#include "layout/rootfs/scan.h"

/* Keeps what is known of layers that were made besides the cache, or in its place: the journal of a
 * bake (compose/bake/journal.h).  The texts are compose/layers/memo.h's.  From any thread. */
struct ohc_making_notes {
	/* The text that was noted last, which the caller frees; NULL: none was. */
	char *(*find)(void *ctx, const char *key);
	void (*note)(void *ctx, const char *key, const char *text);
	void *ctx;
};

struct ohc_making_rules {
	uint32_t uid, gid; /* owner of all entries */
	enum ohc_mtime mtime;
	int64_t time; /* for mtime */
	struct ohc_codec codec;
	const struct ohc_scan_limits *limits; /* of tars and layers that are read; or NULL */
	struct ohc_cache *cache;              /* NULL: nothing is remembered there */
	const struct ohc_making_notes *notes; /* NULL: none are kept */
	struct ohc_report *report;
};

/* Would anybody keep what is known of a layer? */
static inline bool ohc_making_remembers(const struct ohc_making_rules *rules)
{
	return rules->cache || rules->notes;
}

/* The codec for layers that are made for each base: they are small, and must have the same bytes on
 * every processor, so that an image can be made again anywhere. */
static inline struct ohc_codec ohc_making_small_codec(const struct ohc_making_rules *rules)
{
	struct ohc_codec codec = rules->codec;

	codec.portable = true;
	return codec;
}

struct ohc_making {
	const char *title; /* for its task, and for the image's history: "payload /openhands" */
	const char *what;  /* before error messages: "payload 'build/openhands'" */
	const char *key;   /* it is remembered by this (compose/layers/memo.h); NULL: it is not */
	/* Before it is made, where it was not made before; NULL: nothing.  May be called again. */
	int (*prepare)(void *ctx, struct ohc_error *err);
	const uint64_t *total; /* in ctx, once it is prepared: the bytes that will be read */
	ohc_layer_fn write;
	void *ctx;
	struct ohc_task **task;        /* in ctx, the task to advance; set while it is made */
	const uint64_t *files, *bytes; /* in ctx, once it is made */
	/* In ctx, once it is made: its index, for the cache, with the hook that it was made by;
	 * NULL: none is made. */
	const struct ohc_layer_index *index;
	const struct ohc_scan_hook *hook;
};

#endif
