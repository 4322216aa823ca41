/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bake: many images in one run, each as push makes it (compose/push/push.h).
 *
 *	struct ohc_bake_options o = { .list = &list, .jobs = 16, .report = report };
 *
 *	rc = ohc_bake(transports, &o, &result, err);
 *	... result.v[i].state, result.v[i].error ...
 *	ohc_bake_result_clear(&result);
 *
 * Everything that can be shared is shared: connections, tokens, knowledge of layers, and the
 * payload (compose/push/session.h), which the first image that needs it reads, compresses and
 * sends, while the others that need it wait; they mount it.  An image that fails does not stop the
 * others, unless fail_fast says so; it is whole and tagged, or not there.
 *
 * Before it names are made and compared (compose/bake/names.h), and what is wrong with options is
 * found (compose/bake/faults.h).
 */
#ifndef OHC_COMPOSE_BAKE_BAKE_H
#define OHC_COMPOSE_BAKE_BAKE_H

#include "compose/bake/journal.h"
#include "compose/bake/list.h"
#include "compose/bake/outcome.h"
#include "compose/transports/transports.h"

struct ohc_bake_forecast; /* compose/bake/forecast.h */

/* Images at a time: a registry waits for its disk most of the time that one takes. */
#define OHC_BAKE_JOBS_DEFAULT 16

struct ohc_bake_options {
	struct ohc_bake_list *list; /* named; must stay, because the result refers to it */
	unsigned int jobs;          /* 0: OHC_BAKE_JOBS_DEFAULT */
	unsigned int shard, shards; /* this is shard 1 … shards of them; shards 0: all */
	bool fail_fast;
	bool dry_run; /* plan images that are composed again; of others tell what they will take */
	struct ohc_journal *journal; /* NULL: none */
	struct ohc_cache *cache;     /* NULL: none */
	bool cache_ends;             /* with the run: the journal notes what must not be lost */
	const struct ohc_scan_limits *limits; /* NULL: the default */
	struct ohc_sign sign; /* of each image; a list may not name programs to be run */
	struct ohc_report *report;

	/* Called before the first image is begun, unless images are composed again: with what all
	 * of them will take.  NULL: nobody wants to know it, and nothing is looked at before. */
	void (*planned)(void *ctx, const struct ohc_bake_forecast *f);

	/* Called before the first of the n images of this shard is made.  May be NULL. */
	void (*begun)(void *ctx, size_t n);

	/* Called when an image has ended, one call at a time.  May be NULL. */
	void (*ended)(void *ctx, const struct ohc_bake_outcome *o);
	void *ctx;
};

struct ohc_bake_result {
	struct ohc_bake_outcome *v;
	size_t n;         /* of this shard */
	size_t elsewhere; /* of other shards */
};

/* Returns 0 also when images failed: see the outcomes.  Below 0 nothing was begun (ret->n is 0:
 * what all images need is not there, compose/bake/ready.h), or an interrupt,
 * fail_fast or a journal that cannot be written ended the run; *ret has the outcomes until then. */
int ohc_bake(struct ohc_transports *transports, const struct ohc_bake_options *o,
	     struct ohc_bake_result *ret, struct ohc_error *err);
void ohc_bake_result_clear(struct ohc_bake_result *r);

#endif
