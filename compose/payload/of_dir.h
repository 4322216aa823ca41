/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory as a payload: its identity is its stat fingerprint (layout/layer/fingerprint.h), its
 * layer is written while the directory is read (layout/layer/from_dir.h).
 *
 *	payload = ohc_payload_of_dir(&spec, &rules);
 *
 * Nothing is looked at before it is asked for.  The facts of its entries (layout/files/facts.h) are
 * kept in the cache by the fingerprint.
 */
#ifndef OHC_COMPOSE_PAYLOAD_OF_DIR_H
#define OHC_COMPOSE_PAYLOAD_OF_DIR_H

#include "compose/payload/payload.h"

struct ohc_payload *ohc_payload_of_dir(const struct ohc_payload_spec *spec,
				       const struct ohc_making_rules *rules);

#endif
