/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the referrers of registries that do not keep them themselves (referrers.c). */
#ifndef OHC_REGISTRY_REFERRERS_H
#define OHC_REGISTRY_REFERRERS_H

#include "registry/repo.h"

/* A manifest was put and the registry did not say OCI-Subject: when it has a subject, it is added
 * to the index under that one's fallback tag. */
int ohc_referrers_update(struct ohc_store *s, const struct ohc_document *doc,
			 struct ohc_error *err);

#endif
