/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the referrers of registries that do not keep them themselves (referrers.c). */
#ifndef OHC_REGISTRY_REFERRERS_H
#define OHC_REGISTRY_REFERRERS_H

#include "registry/repo.h"

/* A manifest was put, and `put` is what came of it.  When it has a subject, and the registry did
 * not say OCI-Subject, it is added to the index under the subject's fallback tag. */
int ohc_referrers_update(struct ohc_repo *repo, const struct ohc_document *doc,
			 const struct ohc_reply *put, struct ohc_error *err);

#endif
