/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload images.  One whose layers hold nothing outside the target is used as it is (mounted or
 * copied, never unpacked); of any other what it has at the target becomes one layer
 * (compose/payload/extract.h).  Which it is its labels say, when pack made it
 * (compose/payload/label.h): then nothing of it is read.  Else it shows when its layers are peeked at, once each
 * (layout/rootfs/peek.h).
 */
#ifndef OHC_COMPOSE_PAYLOAD_PAYLOAD_H
#define OHC_COMPOSE_PAYLOAD_PAYLOAD_H

#include "compose/payload/extract.h"
#include "compose/transports/load.h"
#include "compose/payload/label.h"
#include "compose/transports/transports.h"
#include "layout/rootfs/peek.h"

struct ohc_payload_image {
	struct ohc_store *store;
	bool borrowed;         /* the store is another's */
	struct ohc_rootfs *fs; /* NULL: nothing but the label is known */
	struct ohc_loaded image;
	struct ohc_extract *extract; /* NULL: its layers are used as they are */
	bool said;                   /* it has a label that is to be believed */
	struct ohc_payload_label label;
};

/* p->is_image.  full: its layers are looked at whatever its labels say.  *ret must be zero;
 * the caller clears it also after a failure. */
int ohc_payload_image_load(struct ohc_transports *transports, struct ohc_peek *peek,
			   const struct ohc_inputs *in, const struct ohc_payload *p,
			   const struct ohc_platform *want, bool full,
			   struct ohc_payload_image *ret, struct ohc_error *err);
void ohc_payload_image_clear(struct ohc_payload_image *image);

/* Is the payload one for images of that platform?  One that names none is for all. */
bool ohc_payload_is_for(const struct ohc_payload *p, const struct ohc_platform *platform);

#endif
