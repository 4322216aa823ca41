/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload sessions (distribution-spec, "Pushing blobs"): POST opens one, every answer names where it
 * goes on (the newest Location counts, its query with it), GET asks how much it has, PUT with the
 * digest closes it, DELETE gives it up.
 */
#ifndef OHC_REGISTRY_SESSION_H
#define OHC_REGISTRY_SESSION_H

#include "registry/repo.h"

/* Takes over the Location of a reply: *url is replaced.  One without a Location leaves it. */
int ohc_session_follow(struct ohc_repo_place *p, const struct ohc_reply *re, char **url,
		       struct ohc_error *err);

/* POST.  query ("?mount=…&from=…") may be "".  The reply may be of any status; on 202 *ret_url is
 * the session's. */
int ohc_session_open(struct ohc_repo *repo, const char *query, const char *from_scope,
		     struct ohc_reply *re, char **ret_url, struct ohc_error *err);

/* GET: how many bytes the session has.  OHC_E_NOT_FOUND: it is gone. */
int ohc_session_offset(struct ohc_repo *repo, char **url, uint64_t *ret, struct ohc_error *err);

/* DELETE, one try, whatever comes of it. */
void ohc_session_abort(struct ohc_repo *repo, const char *url);

/* OCI-Chunk-Min-Length of a reply; 0: it asks for no chunks. */
uint64_t ohc_session_chunk_min(const struct ohc_reply *re);

/* Sessions that a mount was answered with (202) wait for the upload of that blob. */
void ohc_session_keep(struct ohc_repo *repo, const char *digest, char *url, uint64_t chunk_min);
struct ohc_session *ohc_session_take(struct ohc_repo *repo, const char *digest);
void ohc_session_free(struct ohc_session *s);

#endif
