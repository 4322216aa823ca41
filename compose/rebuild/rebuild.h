/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an image what it says that it was composed of?  It is composed again, by the very code that
 * push has, from its own annotation (compose/composition/): base and payloads by digest, neither
 * directory nor disk, and no layer of a payload is read.  The same manifest digest proves it.
 *
 *	struct ohc_rebuild_options o = { .found = tell, .ctx = ctx };
 *	struct ohc_rebuilt r = { .v = NULL };
 *
 *	rc = ohc_rebuild(transports, store, &name, &o, &r, err);
 *	if (rc == 0 && r.findings == 0)
 *		... r.v[0].says ...
 *	ohc_rebuild_clear(&r);
 *
 * A difference is no error of the call: each part is told to o.found, with where it is before it.
 * The call fails where it cannot know: OHC_E_NOT_FOUND, a base or payload is gone; OHC_E_FORMAT,
 * the image does not say how it was composed, or says it in another way than this version knows.
 *
 * A payload that was a directory, a tar or a part of an image cannot be proved without reading it:
 * its layers are taken as the image has them (`taken`); `verify` holds those to their diff IDs.
 */
#ifndef OHC_COMPOSE_REBUILD_REBUILD_H
#define OHC_COMPOSE_REBUILD_REBUILD_H

#include "compose/composition/composition.h"
#include "compose/transports/holders.h"
#include "core/cache.h"
#include "layout/rootfs/scan.h"
#include "oci/image/verify.h"

struct ohc_rebuild_options {
	struct ohc_holders holders; /* of base and payloads, besides those that it names */
	struct ohc_cache *cache;    /* of what is known of base layers; NULL: none */
	const struct ohc_scan_limits *limits;
	unsigned int jobs;
	struct ohc_report *report;
	ohc_found_fn found;
	void *ctx;
};

/* One image, of an index one of several. */
struct ohc_rebuilt_image {
	struct ohc_descriptor d;     /* its own */
	struct ohc_descriptor again; /* of what came out; digest "": nothing could be made */
	struct ohc_platform platform;
	struct ohc_composition says;
	struct ohc_strv taken; /* prefixes of payloads whose layers are not proved */
	bool packed_elsewhere; /* its adapter layer has the same content, and is packed by a codec
				* that is not here */
};

struct ohc_rebuilt {
	struct ohc_descriptor root; /* what the name named */
	struct ohc_rebuilt_image *v;
	size_t n;
	size_t findings;
};

/* name is the image's, in store. */
int ohc_rebuild(struct ohc_transports *transports, struct ohc_store *store,
		const struct ohc_name *name, const struct ohc_rebuild_options *o,
		struct ohc_rebuilt *ret, struct ohc_error *err);
void ohc_rebuild_clear(struct ohc_rebuilt *r);

#endif
