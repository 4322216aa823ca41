/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login and logout as docker and podman do them: credentials are tried at the registry first, and
 * kept only when they are good.
 *
 *	rc = ohc_login_target("https://Registry.Example:5000/", &target, err);
 *	rc = ohc_login(client, &target, user, password, authfile, &where, err);
 *	rc = ohc_login_erase(&target, authfile, report, &where, err);
 *
 * They go to --authfile, else $REGISTRY_AUTH_FILE, else $DOCKER_CONFIG/config.json or
 * ~/.docker/config.json: to the helper that this file names for the registry (credHelpers,
 * credsStore), else into its "auths".  The file keeps what else stands in it, and is changed by
 * registry/authfile_edit.h.  One that is not JSON is an error, and stays as it is.
 */
#ifndef OHC_REGISTRY_LOGIN_H
#define OHC_REGISTRY_LOGIN_H

#include "registry/registry.h"

struct ohc_login_target {
	char *registry; /* "docker.io", "host:5000" */
	char *repo; /* "ns" of "host/ns": the credentials are for repositories below it; or NULL */
	char *key;  /* the key that they are kept under */
};

/* HOST[:PORT][/NAMESPACE], also as an http(s) URL. */
int ohc_login_target(const char *text, struct ohc_login_target *ret, struct ohc_error *err);
void ohc_login_target_clear(struct ohc_login_target *t);

/* client was made with this user and password.  *ret_where (the caller frees it) says where they
 * are kept.  OHC_E_DENIED: the registry refuses them. */
int ohc_login(struct ohc_registry *client, const struct ohc_login_target *t, const char *user,
	      const char *password, const char *authfile, char **ret_where, struct ohc_error *err);

/* *ret_where is NULL where there was nothing to remove. */
int ohc_login_erase(const struct ohc_login_target *t, const char *authfile,
		    struct ohc_report *report, char **ret_where, struct ohc_error *err);

#endif
