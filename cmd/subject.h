/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that a command hangs files on, or takes them off.
 *
 *	rc = ohc_subject_open(cli, argv[0], platform, &image, &subject, err);
 *	... image.store, subject ...
 *	rc = ohc_store_finish(image.store, err);
 */
#ifndef OHC_CMD_SUBJECT_H
#define OHC_CMD_SUBJECT_H

#include "cmd/open.h"

/* platform ("OS/ARCH", or NULL) chooses from an index; without one the index itself is meant.
 * Archives are refused: nothing can be added to them. */
int ohc_subject_open(const struct ohc_cli *cli, const char *text, const char *platform,
		     struct ohc_opened *ret, struct ohc_descriptor *ret_subject,
		     struct ohc_error *err);

/* The image's name without its tag, to which results add the digest of an attached manifest: the
 * tag names the image and not that manifest.  The caller frees it. */
char *ohc_subject_place(const struct ohc_opened *image);

#endif
