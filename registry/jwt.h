/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token says of itself, where it is a JWT as distribution's "Token Authentication
 * Specification" has them: its claim `access` lists what it is good for.  Nothing is verified,
 * because nothing is trusted because of it: a token that says yes saves the question, one that says
 * anything else does not.
 */
#ifndef OHC_REGISTRY_JWT_H
#define OHC_REGISTRY_JWT_H

#include <stdbool.h>

/* The token says that this may be done ("push") with the repository. */
bool ohc_jwt_grants(const char *token, const char *repo, const char *action);

#endif
