/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upgrade: images that were composed before, with a new payload or on a newer base.  What each was
 * composed of its own annotation says (compose/composition/); here a list is made of it, which bake
 * composes (compose/bake/bake.h) as push would.
 *
 *	struct ohc_upgrade_options o = { .images = &names, .push = &options, .base_moved = true };
 *
 *	rc = ohc_upgrade_check_name(name, o.dest, err);	each of the names
 *	rc = ohc_upgrade_faults(&o, err);		all else
 *	rc = ohc_upgrade_list(transports, &o, &list, err);
 *	rc = ohc_bake(transports, &bake_options, &result, err);
 *	ohc_bake_list_clear(&list);
 *
 * The command line wins over what the images say.  A payload takes the place of the one
 * that went to the same directory; the others stay, by digest, without what they were made of.  The
 * base stays, too, by digest, unless another one is named, or the one that its name names now is
 * wanted.
 *
 * Left as they are, with a word why: images that do not say how they were composed, and those whose
 * base has moved, while nobody said which one is wanted.
 */
#ifndef OHC_COMPOSE_UPGRADE_UPGRADE_H
#define OHC_COMPOSE_UPGRADE_UPGRADE_H

#include "compose/bake/list.h"
#include "compose/transports/transports.h"

struct ohc_upgrade_options {
	const struct ohc_strv *images; /* names */
	const char *repo;              /* all tags of a repository or layout; NULL: none */
	const char *dest;              /* a template; NULL: each to its own name */
	const char *base;              /* another base, for all; NULL: their own */
	bool base_moved;               /* what the base's name names now */
	bool base_kept;                /* what it named then, wherever it points now */
	bool drop_platforms;           /* that the base or the payload does not have any more */
	const struct ohc_push_options *push;
	unsigned int shard, shards; /* as struct ohc_bake_options has them */
	unsigned int jobs;          /* images read at a time; 0: the default */
	struct ohc_report *report;
};

/* Whether an image of that name can be upgraded, with that template (or NULL).  OHC_E_USAGE. */
int ohc_upgrade_check_name(const char *text, const char *dest, struct ohc_error *err);

/* Finds the faults of the options, as far as no image needs to be read for it. */
int ohc_upgrade_faults(const struct ohc_upgrade_options *o, struct ohc_error *err);

/* Names and options were checked.  *ret must be zero; the caller clears it also after a failure,
 * and before transports. */
int ohc_upgrade_list(struct ohc_transports *transports, const struct ohc_upgrade_options *o,
		     struct ohc_bake_list *ret, struct ohc_error *err);

#endif
