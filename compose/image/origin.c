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

static int keep_payload(struct ohc_origin *o, size_t i, const struct ohc_loaded *image,
			size_t *from, struct ohc_error *err)
{
	const struct ohc_composition_payload *says = &o->says->payloads[i];
	struct ohc_payload_kept *kept = &o->payloads[i];

	kept->says = says;
	kept->holders = &o->holders;
	kept->image.layers = ohc_xcalloc(says->layers.n, sizeof(*kept->image.layers));
	for (size_t k = 0; image && k < says->layers.n; k++)
		find_layer(image, says->layers.v[k], from, &kept->image.layers[k]);
	return says->manifest ? read_name(says->name, says->tag, "payload", &o->names[i], err) : 0;
}

int ohc_origin_init(struct ohc_origin *o, const struct ohc_composition *says,
		    const struct ohc_loaded *image, struct ohc_store *store,
		    const struct ohc_name *name, struct ohc_error *err)
{
	size_t from = 0;
	int rc;

	o->says = says;
	o->payloads = ohc_xcalloc(says->n_payloads, sizeof(*o->payloads));
	o->names = ohc_xcalloc(says->n_payloads, sizeof(*o->names));
	rc = read_name(says->base.name, says->base.tag, "base", &o->base, err);
	for (size_t i = 0; rc == 0 && i < says->n_payloads; i++) {
		o->payloads[i].image.store = store;
		o->payloads[i].image.name = name;
		rc = keep_payload(o, i, image, &from, err);
	}
	return rc;
}

void ohc_origin_clear(struct ohc_origin *o)
{
	for (size_t i = 0; o->payloads && i < o->says->n_payloads; i++) {
		free(o->payloads[i].image.layers);
		ohc_name_clear(&o->names[i]);
	}
	free(o->payloads);
	free(o->names);
	ohc_name_clear(&o->base);
	*o = (struct ohc_origin)OHC_ORIGIN_INIT;
}
