// SPDX-License-Identifier: Apache-2.0
#include "cmd/subject.h"

#include <string.h>

#include "core/alloc.h"

static int check_transport(const struct ohc_name *name, struct ohc_error *err)
{
	if (name->transport == OHC_REGISTRY || name->transport == OHC_LAYOUT)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "'%s': files hang on images in registries and in layouts (oci:DIR) "
			     "only: copy it there first",
			     name->given);
}

static int find(const struct ohc_opened *image, const char *platform, struct ohc_descriptor *ret,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_platform want;
	int rc = 0;

	if (platform)
		rc = ohc_platform_parse(platform, &want, err);
	if (rc == 0)
		rc = ohc_open_document(image, platform ? &want : NULL, &doc, err);
	if (rc == 0)
		*ret = doc.d;
	return rc;
}

int ohc_subject_open(const struct ohc_cli *cli, const char *text, const char *platform,
		     struct ohc_opened *ret, struct ohc_descriptor *ret_subject,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	int rc = ohc_name_parse(text, &image.name, err);

	if (rc == 0)
		rc = check_transport(&image.name, err);
	if (rc == 0)
		rc = ohc_open_named(cli, &image, OHC_USE_WRITE, err);
	if (rc == 0)
		rc = find(&image, platform, ret_subject, err);
	if (rc < 0)
		return rc;
	*ret = image;
	memset(&image, 0, sizeof(image));
	return 0;
}

char *ohc_subject_place(const struct ohc_opened *image)
{
	struct ohc_name name = image->name; /* nothing is owned by the copy */

	name.digest = name.tag = NULL;
	return ohc_name_text(&name);
}
