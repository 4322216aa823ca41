/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --sign: a program of the user's signs what was made (cosign, notation, gpg …), so that this one
 * needs no keys.
 *
 *	rc = ohc_sign_check(o->sign, &dest, err);		before anything is read
 *	rc = ohc_sign_run(&signing, &dest, digest, err);	the manifest is there, no tag names it yet
 *
 * COMMAND is given to `sh -c`, with {} replaced by NAME@DIGEST.  It has our environment, and with
 * --authfile REGISTRY_AUTH_FILE names that.  Its standard output is ours at -v, else nobody's; its
 * standard error is ours.  It is killed when it takes longer than it may.
 */
#ifndef OHC_COMPOSE_IMAGE_SIGN_H
#define OHC_COMPOSE_IMAGE_SIGN_H

#include "core/report.h"
#include "oci/documents/name.h"
#include "oci/store/store.h"

#define OHC_SIGN_SECONDS 300

struct ohc_sign {
	const char *command;  /* NULL: nothing is signed */
	const char *authfile; /* of --authfile, or NULL */
	unsigned int seconds; /* 0: the default */
};

/* OHC_E_USAGE: there is no {} in it, or the destination is an archive, in which nothing can be
 * signed before it is whole. */
int ohc_sign_check(const struct ohc_sign *sign, const struct ohc_name *dest, struct ohc_error *err);

/* Signs once; a signer that fails, hangs or is not there is an error that names it. */
int ohc_sign_run(const struct ohc_sign *sign, const struct ohc_name *dest, const char *digest,
		 struct ohc_report *report, struct ohc_error *err);

/* *ret: a signature hangs on the digest already, by its type (cosign's, sigstore's, notation's), or
 * lies under the tag that cosign has for it. */
int ohc_sign_is_there(struct ohc_store *s, const char *digest, bool *ret, struct ohc_error *err);

#endif
