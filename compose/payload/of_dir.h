/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory as a payload.  One walk lists it (layout/layer/listing.h), which gives its identity,
 * a stat fingerprint; the facts of its entries (layout/files/facts_of_dir.h) and its layer
 * (layout/layer/from_dir.h) then open the listed files.
 *
 *	payload = ohc_payload_of_dir(&spec, &rules);
 *
 * Nothing is read before it is asked for.  The facts are kept in the cache by the fingerprint.
 */
#ifndef OHC_COMPOSE_PAYLOAD_OF_DIR_H
#define OHC_COMPOSE_PAYLOAD_OF_DIR_H

#include "compose/payload/payload.h"

struct ohc_payload *ohc_payload_of_dir(const struct ohc_payload_spec *spec,
				       const struct ohc_making_rules *rules);

#endif
