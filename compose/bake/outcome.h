/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outcomes of a bake: a struct for each image, of which the report (a line of JSON each) and
 * the page (compose/bake/page.h) are made, and the sums over all.
 *
 *	ohc_bake_outcome_done(&o, &push_result);	or _failed(&o, rc, &err)
 *	json = ohc_bake_outcome_json(&o);
 *	ohc_bake_sum(outcomes, n, &totals);
 *	ohc_bake_outcome_clear(&o);
 */
#ifndef OHC_COMPOSE_BAKE_OUTCOME_H
#define OHC_COMPOSE_BAKE_OUTCOME_H

#include "compose/image/result.h"
#include "core/strv.h"

enum ohc_bake_state {
	OHC_BAKE_WAITING, /* not begun, or given up by --fail-fast or an interrupt */
	OHC_BAKE_DONE,    /* composed and tagged */
	OHC_BAKE_THERE,   /* it was there already, by --skip-existing or by the journal */
	OHC_BAKE_FAILED,
	OHC_BAKE_LEFT, /* it is left as it was, and why (upgrade) */
};

struct ohc_bake_outcome {
	const char *base, *name;     /* the list's */
	const struct ohc_strv *tags; /* the list's further tags */
	enum ohc_bake_state state;
	struct ohc_image_result push; /* of DONE, and of THERE as far as it is known */
	int rc;                       /* of FAILED */
	char *error;                  /* of FAILED and LEFT: why */
	bool foreign;                 /* of LEFT: nobody counted on it */
	double start, seconds;        /* start: seconds since the bake began */
};

struct ohc_bake_totals {
	size_t images, done, there, failed, waiting, left;
	size_t foreign;                                   /* of those that were left */
	uint64_t uploaded, mounted, downloaded, requests; /* bytes, except requests */
	uint64_t base, payload, adapter; /* bytes over all images, as if none were shared */
	uint64_t stored;                 /* bytes of the layers, each once */
	double seconds;
};

/* Takes ownership of r. */
void ohc_bake_outcome_done(struct ohc_bake_outcome *o, struct ohc_image_result *r);
void ohc_bake_outcome_failed(struct ohc_bake_outcome *o, int rc, const struct ohc_error *err);
void ohc_bake_outcome_left(struct ohc_bake_outcome *o, const char *why, bool foreign);
void ohc_bake_outcome_clear(struct ohc_bake_outcome *o);

/* An object as of `push --json`, with "base", "tags", "state" ("done", "there", "failed",
 * "left", "waiting"); where it failed, "error" and "exit" (the status that push would have ended
 * with); where it was left as it was, "why". */
json_t *ohc_bake_outcome_json(const struct ohc_bake_outcome *o);

void ohc_bake_sum(const struct ohc_bake_outcome *v, size_t n, struct ohc_bake_totals *ret);

/* A message without the parts that differ between images: quoted names, digests and numbers.  The
 * caller frees it. */
char *ohc_bake_reason(const char *message);

/* Failures by reason, the most frequent first: "37 × base not found: 'a:1', 'b:1' and 35 more".
 * Messages that differ in quoted names, digests and numbers alone are one reason. */
void ohc_bake_reasons(const struct ohc_bake_outcome *v, size_t n, struct ohc_strv *ret);

#endif
