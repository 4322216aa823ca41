// SPDX-License-Identifier: Apache-2.0
#include "cmd/open.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/image/describe.h"

/* Warns about options for registries when no name is a registry's. */
static void warn(const struct ohc_cli *cli, const char *dest)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	const struct ohc_cli_access *a = &cli->access;

	if ((!a->user && !a->insecure) || ohc_name_parse(dest, &name, NULL) < 0 ||
	    name.transport == OHC_REGISTRY)
		return;
	ohc_report_say(
		cli->report, OHC_WARNING,
		"'%s' is for the destination, and '%s' is in no registry: '%s' is for what is read",
		a->user ? "--creds" : "--insecure", dest,
		a->user ? "--src-creds" : "--src-insecure");
}

struct ohc_transports *ohc_open_transports(const struct ohc_cli *cli, const char *dest,
					   struct ohc_cache *documents)
{
	struct ohc_registry_options own, src;

	if (dest)
		warn(cli, dest);
	ohc_cli_registry_options(cli, &own);
	ohc_cli_source_options(cli, &src);
	own.documents = src.documents = documents;
	return ohc_transports_new(&own, &src);
}

void ohc_open_sign(const struct ohc_cli *cli, struct ohc_sign *sign)
{
	sign->authfile = cli->access.authfile ? cli->access.authfile : cli->authfile;
	sign->seconds = cli->timeout;
}

int ohc_open_named(const struct ohc_cli *cli, struct ohc_opened *image, enum ohc_use use,
		   struct ohc_error *err)
{
	image->transports = ohc_open_transports(cli, NULL, NULL);
	return ohc_transports_open(image->transports, &image->name, use, &image->store, err);
}

int ohc_open_image(const struct ohc_cli *cli, const char *text, struct ohc_opened *ret,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	int rc = ohc_name_parse(text, &image.name, err);

	if (rc == 0)
		rc = ohc_open_named(cli, &image, OHC_USE_OWN, err);
	if (rc < 0)
		return rc;
	*ret = image;
	memset(&image, 0, sizeof(image));
	return 0;
}

int ohc_open_document(const struct ohc_opened *image, const struct ohc_platform *platform,
		      struct ohc_document *ret, struct ohc_error *err)
{
	const char *ref = ohc_name_ref(&image->name);

	return platform ? ohc_describe_choose(image->store, ref, platform, ret, err)
			: ohc_store_get_manifest(image->store, ref, ret, err);
}

void ohc_open_clear(struct ohc_opened *image)
{
	ohc_store_close(image->store);
	ohc_transports_free(image->transports);
	ohc_name_clear(&image->name);
	memset(image, 0, sizeof(*image));
}

char *ohc_open_name(const struct ohc_opened *image)
{
	struct ohc_name name = image->name; /* nothing is owned by the copy */

	name.digest = NULL;
	return ohc_name_text(&name);
}
