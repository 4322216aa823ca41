/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar as a payload, compressed or not (layout/layer/from_tar.h).  The source "-" is standard
 * input.
 *
 *	payload = ohc_payload_of_tar(&spec, &rules);
 *
 * A tar is read at most once, as standard input must be: its bytes wait in a spool file.  When its
 * stat fingerprint tells that it was read before, the cache has its index; then it is read only
 * when its bytes are needed, which they are not when the layer is known, too
 * (compose/layers/memo.h).
 */
#ifndef OHC_COMPOSE_PAYLOAD_OF_TAR_H
#define OHC_COMPOSE_PAYLOAD_OF_TAR_H

#include "compose/payload/payload.h"

struct ohc_payload *ohc_payload_of_tar(const struct ohc_payload_spec *spec,
				       const struct ohc_making_rules *rules);

#endif
