/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What payload images claim by their labels (compose/payload/label.h) decides what the command line
 * left open: the profile, the platform, and each one's target, which is where its files think that
 * they are.
 *
 *	struct ohc_claims claims = { .profile = NULL };
 *
 *	ohc_claims_read(transports, sources, n, &claims);
 *	... claims.profile, claims.platform ...
 *	ohc_claims_clear(&claims);
 *
 * Images that cannot be read decide nothing: what is wrong with them shows when they are opened.
 */
#ifndef OHC_COMPOSE_PAYLOAD_CLAIMS_H
#define OHC_COMPOSE_PAYLOAD_CLAIMS_H

#include "compose/payload/source.h"

struct ohc_claims {
	/* In: what was given, or NULL.  Out: that, or what an image claims; NULL: none does. */
	const char *profile, *platform;

	/* Copies of the above, where an image claims them. */
	char *claimed_profile;
	char claimed_platform[OHC_PLATFORM_TEXT];
};

/* Sets the target of each source whose spec has none and whose image claims one.  An image that was
 * read for it stays open, as source.read. */
void ohc_claims_read(struct ohc_transports *transports, struct ohc_payload_source *sources,
		     size_t n, struct ohc_claims *claims);
void ohc_claims_clear(struct ohc_claims *claims);

#endif
