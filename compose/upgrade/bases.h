/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has a base moved?  What its name names now, asked for once for all images that are on it.
 *
 *	b = ohc_upgrade_bases_new(transports);
 *	rc = ohc_upgrade_bases_ask(b, &name, now, &requests, err);
 *	ohc_upgrade_bases_free(b);
 *
 * May be used from several threads.
 */
#ifndef OHC_COMPOSE_UPGRADE_BASES_H
#define OHC_COMPOSE_UPGRADE_BASES_H

#include "compose/transports/transports.h"

struct ohc_upgrade_bases;

struct ohc_upgrade_bases *ohc_upgrade_bases_new(struct ohc_transports *transports);
void ohc_upgrade_bases_free(struct ohc_upgrade_bases *b);

/* ret_now: the digest that it names now, "" where it names nothing any more: a tag that is gone has
 * not moved.  What was asked for it is added to *requests. */
int ohc_upgrade_bases_ask(struct ohc_upgrade_bases *b, const struct ohc_name *name,
			  char ret_now[OHC_DIGEST_MAX], uint64_t *requests, struct ohc_error *err);

#endif
