/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's config.json and podman's auth.json.  In "auths" and "credHelpers" the longest key counts
 * that names the repository or what contains it:
 *
 *	host/ns/repo, host/ns, host		and for Docker Hub its old names, of which
 *	https://index.docker.io/v1/		is the one that docker writes
 *
 * A key with a scheme (http://host/v1/) means its host.
 */
#ifndef OHC_REGISTRY_AUTHFILE_H
#define OHC_REGISTRY_AUTHFILE_H

#include "oci/documents/json.h"
#include "registry/credentials.h"

#define OHC_AUTHFILE_MAX (1u << 20)
#define OHC_HUB_KEY      "https://index.docker.io/v1/"

/* *ret is NULL when the file is not there and need not be.  A message names file and line. */
int ohc_authfile_load(const char *path, bool must_exist, json_t **ret, struct ohc_error *err);

/* The same for text that is in no file; messages call it `what`. */
int ohc_authfile_parse(const char *text, size_t n, const char *what, json_t **ret,
		       struct ohc_error *err);

/* The entry of a member ("auths", "credHelpers") for a repository (may be NULL), and its key;
 * NULL when there is none.  Borrowed. */
json_t *ohc_authfile_match(const json_t *member, const char *registry, const char *repo,
			   const char **ret_key);

/* Reads an entry of "auths": "auth", "username"/"password", "identitytoken" or
 * "registrytoken".  An empty entry leaves *ret as it is. */
int ohc_authfile_entry(const json_t *entry, const char *path, const char *key,
		       struct ohc_credentials *ret, struct ohc_error *err);

/* The name that credentials of a registry are kept under. */
const char *ohc_authfile_key(const char *registry);

#endif
