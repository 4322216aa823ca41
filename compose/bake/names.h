/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the destination of each image of a list: its template, filled in as far as the names alone
 * allow. */
#ifndef OHC_COMPOSE_BAKE_NAMES_H
#define OHC_COMPOSE_BAKE_NAMES_H

#include "compose/bake/list.h"

/*
 * Replaces each image's dest by its name.  Values that only the registry knows ({base.digest},
 * {payload.digest}, {arch}) stay (compose/bake/key.h fills them in).
 *
 * A bad base, template or name, and a destination or tag that another image has or that is a base
 * of the list, are OHC_E_FORMAT where the list has them, naming file, line and column;
 * OHC_E_USAGE where they are the command line's, or where there is no destination.
 */
int ohc_bake_names(struct ohc_bake_list *list, struct ohc_error *err);

/* Does shard i of n (1 … n) make this image?  By a hash of its name, so that shards need to know
 * nothing of each other, and a list may grow. */
bool ohc_bake_is_mine(const char *dest, unsigned int i, unsigned int n);

#endif
