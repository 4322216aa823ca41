/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A payload that an image was composed with before (compose/payload/kept.h).  Of its layers nothing
 * is read while its labels, or what the composition says of them, tell all that is asked.
 *
 *	rc = ohc_payload_of_kept(&opener, &source, &platform, &payload, err);
 *
 * OHC_E_NOT_FOUND: its image is gone.  OHC_E_DIGEST: the composed image has no such layers.
 */
#ifndef OHC_COMPOSE_PAYLOAD_OF_KEPT_H
#define OHC_COMPOSE_PAYLOAD_OF_KEPT_H

#include "compose/payload/source.h"

int ohc_payload_of_kept(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
			const struct ohc_platform *want, struct ohc_payload **ret,
			struct ohc_error *err);

#endif
