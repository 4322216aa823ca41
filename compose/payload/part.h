/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer of the image in the making: whence it comes, and what became of it.  Either it lies in a
 * store (a base layer, a layer of a payload image), or it is made on its way.
 */
#ifndef OHC_COMPOSE_PAYLOAD_PART_H
#define OHC_COMPOSE_PAYLOAD_PART_H

#include "compose/payload/inputs.h"
#include "layout/layer/pipeline.h"
#include "oci/documents/descriptor.h"

struct ohc_push_layer {
	struct ohc_descriptor d;
	const char *role;   /* "base", "payload", "adapter" */
	const char *action; /* "kept", "mounted", "uploaded", "copied", "written" */
};

/* A layer that is made of entries (layout/layer/pipeline.h). */
struct ohc_making {
	const char *title; /* of its task: "payload /openhands" */
	const char *what;  /* before what is wrong with it: "payload 'build/openhands'" */
	const char *key;   /* what it is remembered by (compose/payload/memo.h); NULL: by nothing */
	int (*prepare)(void *ctx, struct ohc_error *err); /* before it is made; NULL: nothing */
	ohc_layer_fn write;
	void *ctx;
	struct ohc_task **task; /* in ctx, where what is read is told; set while it is made */
	const uint64_t *files, *bytes; /* in ctx, once it is made */
};

struct ohc_part {
	/* One of the three: */
	struct ohc_store *from; /* layer.d lies there, as part of the image `name` */
	const struct ohc_name *name;
	const struct ohc_payload *tree;  /* a directory; layer.d shows when the layer is made */
	const struct ohc_making *making; /* anything else that does (tree may say what it is) */

	struct ohc_push_layer layer;
	struct ohc_layer_facts facts; /* of payload and adapter layers */
	uint64_t files, read;         /* from where it was made of */
};

#endif
