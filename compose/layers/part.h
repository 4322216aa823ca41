/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers of the image that is made, in order: each is a part, which says where the layer comes
 * from and, once it was moved (compose/layers/move.h), where it is now.
 *
 *	struct ohc_parts parts = { .n = 0 };
 *
 *	ohc_parts_add_image(&parts, "base", &image, store, &name);
 *	ohc_parts_add_making(&parts, "payload", &making);
 *	rc = ohc_move_parts(&move, parts.v, parts.n, NULL, err);
 *	... parts.v[i].layer.d, parts.v[i].diff_id ...
 *	ohc_parts_clear(&parts);
 *
 * The store, name and making of a part stay their owners', and must stay until the part was moved.
 */
#ifndef OHC_COMPOSE_LAYERS_PART_H
#define OHC_COMPOSE_LAYERS_PART_H

#include "compose/layers/making.h"
#include "compose/transports/load.h"
#include "layout/layer/small.h"
#include "oci/documents/name.h"

/* A layer in the destination. */
struct ohc_moved_layer {
	struct ohc_descriptor d;
	const char *role;   /* "base", "payload", "adapter"; "config", which is no layer */
	const char *action; /* "kept", "mounted", "uploaded", "copied", "written" */
};

enum ohc_part_kind {
	OHC_PART_STORED, /* lies in a store, and is kept, mounted or copied */
	OHC_PART_PLAIN,  /* lies in a store, and is compressed on its way */
	OHC_PART_MADE,   /* is made of entries, and streams to the destination */
	OHC_PART_SMALL,  /* is made in memory, and is sent only where it is missing */
};

struct ohc_part {
	enum ohc_part_kind kind;
	union {
		struct {
			struct ohc_store *from;
			const struct ohc_name *name; /* of the image that it is part of */
			struct ohc_descriptor plain; /* what layer.d will be made of */
		} stored; /* layer.d is known from the beginning, except of a plain one */
		const struct ohc_making *making;
		struct {
			ohc_layer_fn write;
			void *ctx;
			struct ohc_layer_kept *kept; /* stays ctx's owner's */
		} small;
	};
	const char *title; /* for the image's history; NULL: its digest */
	struct ohc_moved_layer layer;
	char diff_id[OHC_DIGEST_MAX];
	bool unread;          /* what it is made of cannot be read */
	bool settled;         /* layer.d and diff_id are known (compose/layers/move.h) */
	struct ohc_buf bytes; /* of a small layer that is settled */
	uint64_t files, read; /* from where it was made of */
};

struct ohc_parts {
	struct ohc_part *v;
	size_t n;
};

/* The new part is valid until another one is added. */
struct ohc_part *ohc_parts_add(struct ohc_parts *parts, enum ohc_part_kind kind, const char *role);
void ohc_parts_add_making(struct ohc_parts *parts, const char *role,
			  const struct ohc_making *making);

/* Adds all layers of an image. */
void ohc_parts_add_image(struct ohc_parts *parts, const char *role, const struct ohc_loaded *image,
			 struct ohc_store *from, const struct ohc_name *name);

/* Layers of docker archives that the codec would compress become plain parts: a registry should
 * have them compressed. */
void ohc_parts_compress(struct ohc_parts *parts, const struct ohc_codec *codec);

void ohc_parts_clear(struct ohc_parts *parts);

#endif
