// SPDX-License-Identifier: Apache-2.0
#include "compose/image/finish.h"

#include <string.h>

#include "core/alloc.h"

int ohc_finish_manifest(struct ohc_store *dest, const struct ohc_inputs *in,
			struct ohc_image *image, struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_image_config_text(image);
	const char *media = image->manifest.family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG
									: OHC_MEDIA_OCI_CONFIG;
	struct ohc_descriptor d;
	int rc = 0;

	ohc_descriptor_of(&d, media, text, strlen(text));
	if (!in->options->dry_run)
		rc = ohc_store_put_bytes(dest, text, strlen(text), media, &d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "image config");
	ohc_manifest_set_config(&image->manifest, &d);
	ohc_manifest_write(&image->manifest, ret);
	return 0;
}

int ohc_finish_tags(struct ohc_store *dest, const struct ohc_inputs *in,
		    const struct ohc_document *top, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	int rc = 0;

	if (o->dry_run)
		return 0;
	rc = ohc_store_put_manifest(dest, in->dest.tag, top, err);
	for (size_t i = 0; rc == 0 && i < o->tags.n; i++)
		rc = ohc_store_put_manifest(dest, o->tags.v[i], top, err);
	if (rc == 0)
		rc = ohc_store_finish(dest, err);
	if (rc == 0)
		ohc_transports_say_format(o->report, &in->dest, top->d.media_type);
	return rc;
}
