/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the claims of payload images in their labels (compose/payload/label.h).  They decide what
 * the command line leaves open: the profile, the platform, and each payload's target, the path for
 * which its files were made.
 *
 *	struct ohc_claims claims = { .profile = NULL };
 *
 *	rc = ohc_claims_read(transports, sources, n, &claims, err);
 *	... claims.profile, claims.platform ...
 *	ohc_claims_clear(&claims);
 *
 * An image that is not there, or none, decides nothing: its fault shows when it is opened, or in
 * claims.unread where a claim is needed.  One that cannot be asked for fails here, because it might
 * claim something the next moment.
 */
#ifndef OHC_COMPOSE_PAYLOAD_CLAIMS_H
#define OHC_COMPOSE_PAYLOAD_CLAIMS_H

#include "compose/payload/source.h"

struct ohc_claims {
	/* In: the option, or NULL.  Out: that, or an image's claim; NULL: no image claims one. */
	const char *profile, *platform;

	/* Copies of the two above, where they are an image's claims. */
	char *claimed_profile;
	char claimed_platform[OHC_PLATFORM_TEXT];

	/* Out: why the first image without a target could not be read; 0: all were. */
	struct ohc_error unread;
	int unread_rc;
};

/* Sets the target of each source whose spec has none and whose image claims one.  An image that was
 * read for it stays open, as source.read. */
int ohc_claims_read(struct ohc_transports *transports, struct ohc_payload_source *sources, size_t n,
		    struct ohc_claims *claims, struct ohc_error *err);
void ohc_claims_clear(struct ohc_claims *claims);

#endif
