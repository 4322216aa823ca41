/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image, composed again in memory and compared with what it is; of an index one of several
 * (compose/rebuild/rebuild.h).
 *
 *	struct ohc_again a = { .session = session, .store = store, .name = &name, … };
 *
 *	rc = ohc_again_one(&a, manifest_digest, &image, err);
 *	rc = ohc_again_index(&a, &document, images, n, err);
 *	... a.findings ...
 *	ohc_again_clear(&a);
 */
#ifndef OHC_COMPOSE_REBUILD_AGAIN_H
#define OHC_COMPOSE_REBUILD_AGAIN_H

#include "compose/push/session.h"
#include "compose/rebuild/rebuild.h"

struct ohc_again {
	struct ohc_push_session *session;
	struct ohc_store *store; /* the image's */
	const struct ohc_name *name;
	const struct ohc_rebuild_options *o;
	const char *prefix; /* of all that is told: "linux/arm64: " */
	size_t findings;
	struct ohc_document *bases; /* indexes of bases that were read */
	size_t n_bases;
};

/* Frees what was read; not what was given. */
void ohc_again_clear(struct ohc_again *a);

/* The document of a base, an index as a rule, which is read once for all images on it.  *ret stays
 * until the next call. */
int ohc_again_base(struct ohc_again *a, const struct ohc_name *base, const char *digest,
		   const struct ohc_document **ret, struct ohc_error *err);

/* ref: a manifest's digest.  The caller clears *ret, also after a failure. */
int ohc_again_one(struct ohc_again *a, const char *ref, struct ohc_rebuilt_image *ret,
		  struct ohc_error *err);

/* The index over images that were composed again, out of the base's. */
int ohc_again_index(struct ohc_again *a, const struct ohc_document *is,
		    const struct ohc_rebuilt_image *images, size_t n, struct ohc_error *err);

#endif
