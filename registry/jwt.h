/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the rights in a token that is a JWT as distribution's "Token Authentication Specification"
 * has them: its claim `access` lists them.  The signature is not verified, because nothing depends
 * on it: a token that lists a right saves a request, and without one the registry is asked.
 */
#ifndef OHC_REGISTRY_JWT_H
#define OHC_REGISTRY_JWT_H

#include <stdbool.h>

/* Does the token list the right to do this ("push") with the repository? */
bool ohc_jwt_grants(const char *token, const char *repo, const char *action);

#endif
