/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a subject's referrers under its fallback tag (distribution-spec 1.1, "Referrers Tag
 * Schema": sha256-…), for registries without a referrers API.  Who pushes or deletes a manifest
 * with a subject keeps it up to date, because such a registry does not.
 *
 *	rc = ohc_fallback_get(repo, location, subject, &index, err);	index is NULL: there is none
 *	rc = ohc_fallback_add(repo, subject, entry, err);
 *	rc = ohc_fallback_remove(repo, subject, digest, &was_there, err);
 *
 * An index that will be written is read at the origin, never at a mirror: a mirror may be behind,
 * and entries that it lacks would be lost.
 *
 * Programs that change one index at the same time may overwrite what another has written, as there
 * is no way to write it only if it is unchanged.  So it is read again after a while, and changed
 * again where the change is gone.  A program that read it before, and writes it later than that,
 * still takes the change away.
 *
 * GitLab resolves the fallback tag of an image to that image.  That is no index, and is replaced.
 * Anything else that is no index is somebody's tag, and is left alone.
 */
#ifndef OHC_REGISTRY_FALLBACK_H
#define OHC_REGISTRY_FALLBACK_H

#include "oci/documents/json.h"
#include "registry/repo.h"

/* "the referrers in 'host/repo'", for messages; the caller frees it. */
char *ohc_fallback_title(const struct ohc_repo *repo);

/* *ret is NULL where nothing lies under the tag, or the subject itself; else what lies there, which
 * may be no index (ohc_fallback_is_index). */
int ohc_fallback_get(struct ohc_repo *repo, struct ohc_repo_location *p, const char *subject,
		     json_t **ret, struct ohc_error *err);

/* Does the document look like an index?  Go writes null for an empty list. */
bool ohc_fallback_is_index(const json_t *doc);

/* Adds a descriptor (of ohc_referrers_entry()); nothing is written when its digest is listed. */
int ohc_fallback_add(struct ohc_repo *repo, const char *subject, json_t *entry,
		     struct ohc_error *err);

/* ret: the digest was listed, and has been removed. */
int ohc_fallback_remove(struct ohc_repo *repo, const char *subject, const char *digest, bool *ret,
			struct ohc_error *err);

#endif
