/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares payloads of this machine between images: a directory or tar that is named again, and whose
 * layer is made by the same rules, is the same payload, so that it is walked and read once for all
 * images.
 *
 *	shelf = ohc_payload_shelf_new();
 *	rc = ohc_payload_shelf_look(shelf, &source, &rules, err);
 *	... source.local ...
 *	ohc_payload_source_clear(&source);
 *	ohc_payload_shelf_free(shelf);
 *
 * May be used from several threads.
 */
#ifndef OHC_COMPOSE_PAYLOAD_SHELF_H
#define OHC_COMPOSE_PAYLOAD_SHELF_H

#include "compose/payload/source.h"

struct ohc_payload_shelf;

struct ohc_payload_shelf *ohc_payload_shelf_new(void);
void ohc_payload_shelf_free(struct ohc_payload_shelf *s);

/* As ohc_payload_source_look(), but source->local may be shared; rules are copied. */
int ohc_payload_shelf_look(struct ohc_payload_shelf *s, struct ohc_payload_source *source,
			   const struct ohc_making_rules *rules, struct ohc_error *err);

#endif
