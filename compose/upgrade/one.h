/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image to be upgraded: read, judged, and described as an image of a bake's list.
 *
 *	struct ohc_upgrade_reading r = { .o = options, .transports = transports };
 *
 *	rc = ohc_upgrade_one(&r, &list.v[i], true, err);	it is ready, or left with a word why
 */
#ifndef OHC_COMPOSE_UPGRADE_ONE_H
#define OHC_COMPOSE_UPGRADE_ONE_H

#include "compose/upgrade/upgrade.h"

struct ohc_upgrade_reading {
	const struct ohc_upgrade_options *o;
	struct ohc_transports *transports;
};

/* A name that the template may become, with a word in place of each value; the caller frees it. */
char *ohc_upgrade_any_dest(const char *template);

/* How an image, or a repository of them, is opened: as a source where the destination lies on
 * another host, whose credentials are not for it. */
enum ohc_use ohc_upgrade_use(const struct ohc_upgrade_options *o, const struct ohc_name *name);

/* image->settings.dest is its name.  listed: nobody named it, it was in the repository.  Fails only
 * with OHC_E_INTERRUPTED. */
int ohc_upgrade_one(const struct ohc_upgrade_reading *r, struct ohc_bake_image *image, bool listed,
		    struct ohc_error *err);

#endif
