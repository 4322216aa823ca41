/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload sessions (distribution-spec, "Pushing blobs"): POST opens one, every answer names where it
 * goes on (the newest Location counts, its query with it), GET asks how much it has, PUT with the
 * digest closes it, DELETE gives it up.
 *
 * A session may be there before its blob: a mount was answered with one, or it was begun to see
 * whether that is allowed (registry/rights.c).  It waits in the repository, and the first upload
 * that may use it does.
 */
#ifndef OHC_REGISTRY_SESSION_H
#define OHC_REGISTRY_SESSION_H

#include "registry/repo.h"

/* Replaces *url by the Location of a reply; without a Location it stays. */
int ohc_session_follow(struct ohc_repo_location *p, const struct ohc_reply *re, char **url,
		       struct ohc_error *err);

/* A POST that opens a session, or makes one unnecessary. */
struct ohc_session_way {
	const char *query;          /* "?mount=…&from=…", "?digest=…"; NULL: none */
	const char *from_scope;     /* what must be allowed besides, for a mount; or NULL */
	const struct ohc_buf *blob; /* all of it, for "?digest="; tried once; or NULL */
};

/* Sends it.  The reply may be of any status; on 202 *ret_url is the session's. */
int ohc_session_open(struct ohc_repo *repo, const struct ohc_session_way *way, struct ohc_reply *re,
		     char **ret_url, struct ohc_error *err);

/* Asks by GET how many bytes the session has.  OHC_E_NOT_FOUND: it is gone. */
int ohc_session_offset(struct ohc_repo *repo, char **url, uint64_t *ret, struct ohc_error *err);

/* Gives the session up by DELETE; tries once, and ignores failures. */
void ohc_session_abort(struct ohc_repo *repo, const char *url);

/* Reads OCI-Chunk-Min-Length of a reply; 0: it asks for no chunks. */
uint64_t ohc_session_chunk_min(const struct ohc_reply *re);

/* A session that was begun; its blob is not known yet, unless a mount was answered with it. */
struct ohc_session {
	struct ohc_session *next;
	char *url;
	char digest[OHC_DIGEST_MAX]; /* of the blob that was to be mounted; "": any */
	uint64_t chunk_min;
	int64_t since; /* ms of the monotonic clock */
};

/* Begins an upload by POST, and makes an error of a refusal. */
int ohc_session_begin(struct ohc_repo *repo, struct ohc_session **ret, struct ohc_error *err);

/* Makes a session of a 202 to a mount, for the upload of that blob. */
struct ohc_session *ohc_session_of_mount(const struct ohc_reply *re, char *url, const char *digest);

/* Puts a session into the repository to wait for a blob; takes ownership. */
void ohc_session_keep(struct ohc_repo *repo, struct ohc_session *s);

/* Takes a session that waits: the digest's own, else one for any blob.  A digest that is not known
 * is ""; NULL takes any that is left.  Sessions that waited so long that the registry may have
 * dropped them are given up. */
struct ohc_session *ohc_session_take(struct ohc_repo *repo, const char *digest);

void ohc_session_free(struct ohc_session *s);

#endif
