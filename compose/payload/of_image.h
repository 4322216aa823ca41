/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image as a payload.  An image whose layers hold nothing outside the target is used as it is
 * (mounted or copied, never unpacked); of any other the part at the target becomes one layer.  When
 * pack made it, its labels tell which it is (compose/payload/label.h), and no layer is read.
 * Otherwise each of its layers is peeked at once (layout/rootfs/peek.h).
 *
 *	rc = ohc_payload_of_image(&opener, &source, &platform, given, &payload, err);
 *
 * See ohc_payload_open(), which calls it.
 */
#ifndef OHC_COMPOSE_PAYLOAD_OF_IMAGE_H
#define OHC_COMPOSE_PAYLOAD_OF_IMAGE_H

#include "compose/payload/source.h"

int ohc_payload_of_image(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
			 const struct ohc_platform *want, bool given, struct ohc_payload **ret,
			 struct ohc_error *err);

#endif
