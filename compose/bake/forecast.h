/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells what a bake will take: requests, pulls and bytes, for each host.
 *
 *	rc = ohc_bake_forecast(session, &options, images, n, 5, &f, err);
 *	... f.hosts[i].requests ...
 *	ohc_bake_forecast_clear(&f);		before the session ends
 *
 * The manifests of bases and payloads are read for it, which a bake does anyway: they are kept, and
 * tags are held (oci/store/held_tags.h).  One slow registry must not hold a bake, so that a
 * forecast may be given a time, and says how many bases and payloads it could not look at.  Layers
 * that are in the cache need not be read; images in the journal are taken for done.  The forecast
 * leaves out what cannot be known before: how large a directory is when it is compressed, and
 * tokens.
 */
#ifndef OHC_COMPOSE_BAKE_FORECAST_H
#define OHC_COMPOSE_BAKE_FORECAST_H

#include "compose/bake/bake.h"
#include "compose/bake/forecast_look.h"
#include "compose/push/session.h"

struct ohc_bake_need {
	char *host;
	uint64_t requests;
	uint64_t pulls;    /* GETs of manifests, which registries count */
	uint64_t download; /* bytes */
	uint64_t upload;
	bool asked, unlisted; /* a dry run has asked whether it lists what refers to an image … */
	uint64_t tags;        /* … which else is a tag more for each that something hangs on */
};

struct ohc_bake_forecast {
	size_t images;                        /* of the list, without those that are noted */
	size_t noted;                         /* by the journal, and not counted below */
	size_t bases, payloads;               /* different ones */
	size_t faulty_bases, faulty_payloads; /* … that cannot be read, */
	struct ohc_strv faults;               /* … and why */
	size_t repos;                         /* destinations' */
	size_t unknown; /* bases and payloads that were not looked at in time, nor counted below */
	bool has_files; /* directories or tars will be compressed and sent, too */
	struct ohc_bake_need *hosts;
	size_t n_hosts;
	struct ohc_forecast_sources *sources; /* looks may be under way, until it is cleared */
};

/* Takes so many seconds at most; 0: as many as needed.  A base or a payload that cannot be read is
 * no failure: see the faults. */
int ohc_bake_forecast(struct ohc_push_session *session, const struct ohc_bake_options *o,
		      struct ohc_bake_image *const *images, size_t n, unsigned int seconds,
		      struct ohc_bake_forecast *ret, struct ohc_error *err);

/* Waits for looks that are under way. */
void ohc_bake_forecast_clear(struct ohc_bake_forecast *f);

#endif
