/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the claims of payload images in their labels (compose/payload/label.h).  They decide what
 * the command line leaves open: the profile, the platform, and each payload's target, the path for
 * which its files were made.
 *
 *	struct ohc_claims claims = { .profile = NULL };
 *
 *	ohc_claims_read(transports, sources, n, &claims);
 *	... claims.profile, claims.platform ...
 *	ohc_claims_clear(&claims);
 *
 * Images that cannot be read decide nothing: their faults show when they are opened.
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
};

/* Sets the target of each source whose spec has none and whose image claims one.  An image that was
 * read for it stays open, as source.read. */
void ohc_claims_read(struct ohc_transports *transports, struct ohc_payload_source *sources,
		     size_t n, struct ohc_claims *claims);
void ohc_claims_clear(struct ohc_claims *claims);

#endif
