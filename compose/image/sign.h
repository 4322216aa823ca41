/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --sign: a program of the user's (cosign, notation, gpg …) signs the image, so that this one needs
 * no keys.
 *
 *	rc = ohc_sign_check(&sign, &dest, err);			before anything is read
 *	rc = ohc_sign_run(&sign, &dest, digest, report, err);	before a tag names the manifest
 *
 * COMMAND is given to `sh -c`, with {} replaced by NAME@DIGEST.  It has our environment, in which
 * REGISTRY_AUTH_FILE names the file of --authfile.  Its standard output is shown with -v, its
 * standard error always.  It is killed when it takes too long.
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

/* *ret: a signature hangs on the digest already, by its type (cosign's, notation's, a bundle of
 * sigstore's that is no attestation), or lies under the tag that cosign has for it. */
int ohc_sign_is_there(struct ohc_store *s, const char *digest, bool *ret, struct ohc_error *err);

#endif
