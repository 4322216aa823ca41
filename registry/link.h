/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the next page of a list: Link header fields (RFC 8288) with rel="next", as the
 * distribution-spec uses them for tags and referrers.  Several links may stand in one field,
 * separated by commas, and several fields in one reply.
 */
#ifndef OHC_REGISTRY_LINK_H
#define OHC_REGISTRY_LINK_H

enum ohc_link {
	OHC_LINK_NONE,
	OHC_LINK_NEXT,
	OHC_LINK_BROKEN, /* there is more, but it does not say where */
};

/* Looks for the link with rel next in a field's value: *ret is its target,
 * which the caller frees. */
enum ohc_link ohc_link_next(const char *value, char **ret);

#endif
