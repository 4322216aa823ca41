/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a list goes on: the Link header (RFC 8288) with rel="next", as the distribution-spec uses
 * it for tags and referrers.
 */
#ifndef OHC_REGISTRY_LINK_H
#define OHC_REGISTRY_LINK_H

/* The target of the link with rel next in a header's value, or NULL; the caller frees it. */
char *ohc_link_next(const char *value);

#endif
