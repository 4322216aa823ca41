// SPDX-License-Identifier: Apache-2.0
#include "cmd/open.h"

#include <string.h>

#include "core/alloc.h"

int ohc_open_image(const struct ohc_cli *cli, const char *text, struct ohc_opened *ret,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_opened_clear) struct ohc_opened image = OHC_OPENED_INIT;
	struct ohc_registry_options registry;
	int rc = ohc_name_parse(text, &image.name, err);

	if (rc < 0)
		return rc;
	ohc_cli_registry_options(cli, &registry);
	image.transports = ohc_transports_new(&registry);
	rc = ohc_transports_open(image.transports, &image.name, false, &image.store, err);
	if (rc < 0)
		return rc;
	*ret = image;
	memset(&image, 0, sizeof(image));
	return 0;
}

void ohc_opened_clear(struct ohc_opened *image)
{
	ohc_store_close(image->store);
	ohc_transports_free(image->transports);
	ohc_name_clear(&image->name);
	memset(image, 0, sizeof(*image));
}

char *ohc_opened_name(const struct ohc_opened *image)
{
	struct ohc_name name = image->name; /* nothing is owned by the copy */

	name.digest = NULL;
	return ohc_name_text(&name);
}
