// SPDX-License-Identifier: Apache-2.0
#include "compose/image/origin.h"

#include <string.h>

#include "core/alloc.h"

/* A stranger's word: it names an image in a registry or none at all, never a file of ours. */
static int read_name(const char *text, const char *tag, const char *what, struct ohc_name *ret,
		     struct ohc_error *err)
{
	int rc;

	*ret = (struct ohc_name){ .transport = OHC_LAYOUT };
	if (!text) {
		ret->given = ohc_xstrdup(tag ? tag : "of a layout");
		ret->tag = ohc_xstrdup(tag);
		return 0;
	}
	rc = ohc_name_parse(text, ret, err);
	if (rc == 0 && ret->transport != OHC_REGISTRY && ret->transport != OHC_SCRATCH)
		rc = ohc_error_set(err, OHC_E_FORMAT, "'%s' is no name of an image in a registry",
				   text);
	if (rc == 0)
		return 0;
	if (err)
		err->code = OHC_E_FORMAT;
	return ohc_error_wrap(err, -OHC_E_FORMAT, "the image says that it has the %s", what);
}

/* The layer with that diff ID, behind those that were found before. */
static void find_layer(const struct ohc_loaded *image, const char *diff_id, size_t *from,
		       struct ohc_descriptor *ret)
{
	const json_t *ids = json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");

	for (size_t i = *from; i < image->manifest.n_layers; i++)
		if (strcmp(json_string_value(json_array_get(ids, i)), diff_id) == 0) {
			*ret = image->manifest.layers[i];
			*from = i + 1;
			return;
		}
}

static int keep_payload(struct ohc_origin *o, const struct ohc_origin_image *image, size_t i,
			size_t *from, struct ohc_error *err)
{
	const struct ohc_composition_payload *says = &image->says->payloads[i];
	struct ohc_payload_kept *kept = &o->payloads[o->n_payloads++];

	memset(kept, 0, sizeof(*kept));
	kept->says = says;
	kept->holders = &o->holders;
	kept->image.store = image->store;
	kept->image.name = image->name;
	kept->image.layers = ohc_xcalloc(says->layers.n, sizeof(*kept->image.layers));
	kept->has_platform = image->platform;
	if (image->platform)
		kept->platform = *image->platform;
	for (size_t k = 0; image->loaded && k < says->layers.n; k++)
		find_layer(image->loaded, says->layers.v[k], from, &kept->image.layers[k]);
	return says->manifest ? read_name(says->name, says->tag, "payload", &kept->name, err) : 0;
}

int ohc_origin_init(struct ohc_origin *o, const struct ohc_composition *says, struct ohc_error *err)
{
	o->says = says;
	return read_name(says->base.name, says->base.tag, "base", &o->base, err);
}

int ohc_origin_add(struct ohc_origin *o, const struct ohc_origin_image *image,
		   struct ohc_error *err)
{
	const size_t n = image->says->n_payloads;
	size_t from = 0;
	int rc = 0;

	if (image->platform) {
		o->platforms =
			ohc_xrealloc(o->platforms, o->n_platforms + 1, sizeof(*o->platforms));
		o->platforms[o->n_platforms++] = *image->platform;
	}
	o->payloads = ohc_xrealloc(o->payloads, o->n_payloads + n, sizeof(*o->payloads));
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = keep_payload(o, image, i, &from, err);
	return rc;
}

void ohc_origin_clear(struct ohc_origin *o)
{
	for (size_t i = 0; i < o->n_payloads; i++) {
		free(o->payloads[i].image.layers);
		ohc_name_clear(&o->payloads[i].name);
	}
	free(o->payloads);
	free(o->platforms);
	ohc_name_clear(&o->base);
	*o = (struct ohc_origin)OHC_ORIGIN_INIT;
}
