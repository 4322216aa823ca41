/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the referrers of registries that do not keep them themselves (referrers.c). */
#ifndef OHC_REGISTRY_REFERRERS_H
#define OHC_REGISTRY_REFERRERS_H

#include "registry/repo.h"

/* Called when a manifest was put; `put` is the reply.  When the manifest has a subject and the
 * reply has no OCI-Subject, it is added to the index under the subject's fallback tag. */
int ohc_referrers_update(struct ohc_repo *repo, const struct ohc_document *doc,
			 const struct ohc_reply *put, struct ohc_error *err);

#endif
