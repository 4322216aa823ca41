/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that is known by its digest, wherever it lies by now: where its name says, or in one of
 * the other repositories, layouts and archives that may hold it.
 *
 *	struct ohc_held_image image = { .what = "base 'ubuntu:22.04'" };
 *
 *	... image.name, image.digest ...
 *	rc = ohc_holders_load(transports, holders, &image, &platform, &store, &loaded, err);
 *	rc = ohc_holders_manifest(transports, holders, &image, &doc, err);
 *
 * One that cannot be reached is passed over; where no other has the image its error is told.  In
 * none of them: OHC_E_NOT_FOUND, which says which image is gone, and where it was looked for.
 */
#ifndef OHC_COMPOSE_TRANSPORTS_HOLDERS_H
#define OHC_COMPOSE_TRANSPORTS_HOLDERS_H

#include "compose/transports/load.h"
#include "compose/transports/transports.h"

struct ohc_holders {
	const struct ohc_name *v; /* their tags do not matter */
	size_t n;
};

struct ohc_held_image {
	const struct ohc_name *name; /* looked at first, where it is a registry's; or NULL */
	const char *digest;
	const char *what; /* for messages */
};

/* want chooses from an index.  The caller closes *ret_store and clears *ret. */
int ohc_holders_load(struct ohc_transports *transports, const struct ohc_holders *holders,
		     const struct ohc_held_image *image, const struct ohc_platform *want,
		     struct ohc_store **ret_store, struct ohc_loaded *ret, struct ohc_error *err);

/* The manifest or index alone. */
int ohc_holders_manifest(struct ohc_transports *transports, const struct ohc_holders *holders,
			 const struct ohc_held_image *image, struct ohc_document *ret,
			 struct ohc_error *err);

#endif
