/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token scopes (distribution's "Token Scope Documentation"): "repository:NAME:pull,push", where
 * NAME may have a ':' of its own.
 */
#ifndef OHC_REGISTRY_SCOPE_H
#define OHC_REGISTRY_SCOPE_H

#include <stdbool.h>

#include "core/strv.h"

/* Is every action of every scope in want also in have? */
bool ohc_scope_covers(const struct ohc_strv *have, const struct ohc_strv *want);

/* Adds a scope, joining its actions with those that its resource has in the list already.  Text
 * that is no scope is left out. */
void ohc_scope_add(struct ohc_strv *list, const char *scope);

#endif
