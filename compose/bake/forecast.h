/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells, for a dry run, what a bake will take: requests, pulls and bytes, for each host.
 *
 *	rc = ohc_bake_forecast(session, &options, images, n, &f, err);
 *	... f.hosts[i].requests ...
 *	ohc_bake_forecast_clear(&f);
 *
 * The manifests of bases and payloads are read for it, which a bake does anyway: they are kept, and
 * tags are held (oci/store/held_tags.h).  Layers that are in the cache need not be read; images in
 * the journal are taken for done.  The forecast leaves out what cannot be known before: how large a
 * directory is when it is compressed, and tokens.
 */
#ifndef OHC_COMPOSE_BAKE_FORECAST_H
#define OHC_COMPOSE_BAKE_FORECAST_H

#include "compose/bake/bake.h"
#include "compose/push/session.h"

struct ohc_bake_need {
	char *host;
	uint64_t requests;
	uint64_t pulls;    /* GETs of manifests, which registries count */
	uint64_t download; /* bytes */
	uint64_t upload;
};

struct ohc_bake_forecast {
	size_t images;                        /* of the list, without those that are noted */
	size_t noted;                         /* by the journal, and not counted below */
	size_t bases, payloads;               /* different ones */
	size_t faulty_bases, faulty_payloads; /* … that cannot be read, */
	struct ohc_strv faults;               /* … and why */
	size_t repos;                         /* destinations' */
	bool has_files; /* directories or tars will be compressed and sent, too */
	struct ohc_bake_need *hosts;
	size_t n_hosts;
};

/* A base or a payload that cannot be read is no failure: see the faults. */
int ohc_bake_forecast(struct ohc_push_session *session, const struct ohc_bake_options *o,
		      struct ohc_bake_image *const *images, size_t n, struct ohc_bake_forecast *ret,
		      struct ohc_error *err);
void ohc_bake_forecast_clear(struct ohc_bake_forecast *f);

#endif
