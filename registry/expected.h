/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The repositories of one registry that are in use, so that one token is got for all of them and
 * not one for each.  There is no lock here: its owner (registry/auth.h) has one.
 */
#ifndef OHC_REGISTRY_EXPECTED_H
#define OHC_REGISTRY_EXPECTED_H

#include <stdbool.h>

#include "core/strv.h"

struct ohc_expected_repo {
	struct ohc_expected_repo *next;
	char *repo;
	unsigned int readers, writers;
};

struct ohc_expected {
	struct ohc_expected_repo *repos;
};

/* Each _add() has its _drop(). */
void ohc_expected_add(struct ohc_expected *x, const char *repo, bool write);
void ohc_expected_drop(struct ohc_expected *x, const char *repo, bool write);
void ohc_expected_clear(struct ohc_expected *x);

/* "repository:REPO:pull,push"; the caller frees it. */
char *ohc_expected_scope(const struct ohc_expected_repo *r);

#endif
