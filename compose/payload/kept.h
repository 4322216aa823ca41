/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A payload of an image that was composed before, as that image says it (compose/composition/):
 * to make the image again, or to put its payload onto another base, without the directory or tar
 * that it was.
 *
 *	struct ohc_payload_kept kept = { .says = &composition.payloads[0], … };
 *	source.kept = &kept;
 *	rc = ohc_payload_open(&opener, &source, &platform, false, &payload, err);
 *
 * Its layers are those of its own image, where it was one that was used as it is: then they prove
 * what the composition says.  Else (it was a directory, a tar, a part of an image) they are those
 * that the composed image has.
 */
#ifndef OHC_COMPOSE_PAYLOAD_KEPT_H
#define OHC_COMPOSE_PAYLOAD_KEPT_H

#include "compose/composition/composition.h"
#include "compose/transports/holders.h"
#include "oci/documents/name.h"
#include "oci/documents/platform.h"

struct ohc_payload_kept {
	const struct ohc_composition_payload *says;
	struct ohc_name name; /* of its image, where it was one */
	bool has_platform;    /* it is for images of that alone */
	struct ohc_platform platform;
	const struct ohc_holders *holders; /* of its image */
	bool unread;                       /* nothing of its layers is read, unless it must be */
	struct {
		struct ohc_store *store; /* that it was composed into, where its layers lie, too */
		const struct ohc_name *name;
		struct ohc_descriptor *layers; /* as many as it says; digest "": not there */
	} image;
};

#endif
