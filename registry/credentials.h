/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks up credentials; the first of these that has them wins:
 *
 *	1. --creds, --creds-stdin
 *	2. --authfile FILE, else the file that $REGISTRY_AUTH_FILE names, else
 *	3. $DOCKER_AUTH_CONFIG, the text of such a file (docker's CLI and GitLab's runner)
 *	4. $DOCKER_CONFIG/config.json, or ~/.docker/config.json
 *	5. ${XDG_RUNTIME_DIR}/containers/auth.json, or /run/containers/UID/auth.json where that
 *	   is not set, ${XDG_CONFIG_HOME:-~/.config}/containers/auth.json
 *	   (containers-auth.json(5))
 *
 * In a file: credHelpers, then credsStore (registry/helper.h), then auths (registry/authfile.h).
 * A file that is named and cannot be read, or that is not JSON, is an error; one of 4 and 5 that
 * is not there is none, nor is one below /run that may not be looked for.
 */
#ifndef OHC_REGISTRY_CREDENTIALS_H
#define OHC_REGISTRY_CREDENTIALS_H

#include "core/error.h"
#include "core/strv.h"

struct ohc_credentials {
	char *user; /* NULL: none */
	char *password;
	char *identity_token; /* for the token server (oauth2 refresh token) */
	char *registry_token; /* for the registry itself, as Bearer */
	char *from;           /* "--creds", "'/root/.docker/config.json'"; NULL: none were found */
};

#define OHC_CREDENTIALS_INIT  \
	{                     \
		.user = NULL, \
	}
void ohc_credentials_clear(struct ohc_credentials *c);
static inline bool ohc_credentials_found(const struct ohc_credentials *c)
{
	return c->from != NULL;
}

struct ohc_credentials_options {
	const char *user;
	const char *password;
	const char *from; /* the option that user came with; NULL: --creds */
	const char *authfile;
	unsigned int helper_seconds; /* 0: OHC_HELPER_SECONDS */
};

/* Keeps what was read and asked once, also that it failed: a keyring serves all repositories of a
 * client, from any thread. */
struct ohc_credentials_ring;

struct ohc_credentials_ring *ohc_credentials_new(const struct ohc_credentials_options *o);
void ohc_credentials_free(struct ohc_credentials_ring *k);

/* Reads the files, so that their faults show even when they are not needed. */
int ohc_credentials_load(struct ohc_credentials_ring *k, struct ohc_error *err);

/* The same, and the entries for a registry's repository; no helper is run. */
int ohc_credentials_check(struct ohc_credentials_ring *k, const char *registry, const char *repo,
			  struct ohc_error *err);

/* Gets the credentials for a registry's repository (NULL: for the registry).  *ret is NULL when
 * there are none, which is no error; it lives as long as the keyring, and is the same pointer for
 * the same credentials. */
int ohc_credentials_find(struct ohc_credentials_ring *k, const char *registry, const char *repo,
			 const struct ohc_credentials **ret, struct ohc_error *err);

/* The files of 2, 4 and 5 that apply, in order; *ret_named: the first was named,
 * so it must exist. */
void ohc_credentials_files(const struct ohc_credentials_options *o, struct ohc_strv *ret,
			   bool *ret_named);

#endif
