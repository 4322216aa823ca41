/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential helpers: programs docker-credential-NAME that speak a protocol of their own on
 * standard input and output (docker/docker-credential-helpers, "Development"):
 *
 *	get	the server's name in; {"ServerURL","Username","Secret"} out
 *	store	{"ServerURL","Username","Secret"} in
 *	erase	the server's name in
 *
 * A helper that is not installed, that hangs, fails or prints something else is an error that names
 * it and says who asked for it; what it printed is never quoted, since it may be a secret.  The
 * username "<token>" means that the secret is an identity token; where the username or the secret
 * is empty the helper knows nobody.
 */
#ifndef OHC_REGISTRY_HELPER_H
#define OHC_REGISTRY_HELPER_H

#include "registry/credentials.h"

#define OHC_HELPER_SECONDS 30
#define OHC_HELPER_MAX     (64 * 1024) /* what it may print */

struct ohc_helper {
	const char *name;     /* "pass": docker-credential-pass */
	const char *wanted;   /* "credsStore of '/root/.docker/config.json'", for messages */
	unsigned int seconds; /* it may take; 0: OHC_HELPER_SECONDS */
};

/* It has none for this server: *ret stays empty, which is no error. */
int ohc_helper_get(const struct ohc_helper *h, const char *server, struct ohc_credentials *ret,
		   struct ohc_error *err);
int ohc_helper_store(const struct ohc_helper *h, const char *server, const char *user,
		     const char *secret, struct ohc_error *err);

/* That there was nothing to erase is no error. */
int ohc_helper_erase(const struct ohc_helper *h, const char *server, struct ohc_error *err);

#endif
