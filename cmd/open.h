/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that a command reads, from its name on the command line to the store.
 *
 *	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
 *
 *	rc = ohc_open_image(cli, argv[0], &image, err);
 *	rc = ohc_store_get_manifest(image.store, ohc_name_ref(&image.name), &doc, err);
 */
#ifndef OHC_CMD_OPEN_H
#define OHC_CMD_OPEN_H

#include "cmd/command.h"
#include "compose/image/sign.h"
#include "compose/transports/transports.h"
#include "oci/documents/platform.h"

struct ohc_opened {
	struct ohc_name name;
	struct ohc_transports *transports;
	struct ohc_store *store;
};

#define OHC_OPENED_INIT             \
	{                           \
		.transports = NULL, \
	}

/* The transports of a command that writes to dest; NULL: of one that has only one name. */
struct ohc_transports *ohc_open_transports(const struct ohc_cli *cli, const char *dest,
					   struct ohc_cache *documents);

/* How long a signer (compose/image/sign.h) may take, and where it finds credentials: as we do. */
void ohc_open_sign(const struct ohc_cli *cli, struct ohc_sign *sign);

int ohc_open_image(const struct ohc_cli *cli, const char *text, struct ohc_opened *ret,
		   struct ohc_error *err);

/* The same for another use, with a name that was parsed: image has nothing else yet. */
int ohc_open_named(const struct ohc_cli *cli, struct ohc_opened *image, enum ohc_use use,
		   struct ohc_error *err);

/* Gets what the name names, or of an index the image for a platform (NULL: what it names
 * itself). */
int ohc_open_document(const struct ohc_opened *image, const struct ohc_platform *platform,
		      struct ohc_document *ret, struct ohc_error *err);
void ohc_open_clear(struct ohc_opened *image);

/* The name in full but without a digest, "docker.io/library/ubuntu:22.04", as results show it, with
 * the digest that was found behind it.  The caller frees it. */
char *ohc_open_name(const struct ohc_opened *image);

#endif
