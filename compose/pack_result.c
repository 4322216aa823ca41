// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "compose/packing.h"
#include "core/alloc.h"

void ohc_pack_result_clear(struct ohc_pack_result *r)
{
	for (size_t i = 0; i < r->n_layers; i++)
		ohc_pack_layer_clear(&r->layers[i]);
	free(r->layers);
	ohc_push_result_clear(&r->push);
	memset(r, 0, sizeof(*r));
}

static json_t *texts(const struct ohc_strv *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, ohc_json_text_value(list->v[i]));
	return array;
}

json_t *ohc_pack_result_json(const struct ohc_pack_result *r)
{
	json_t *object = ohc_push_result_json(&r->push), *layer;
	json_t *layers = json_object_get(object, "layers");
	size_t i;

	json_array_foreach (layers, i, layer) {
		const struct ohc_pack_layer *l = &r->layers[i];
		json_t *libraries = json_object();

		for (size_t k = 0; k < l->libraries.n; k++)
			json_object_set_new(libraries, l->libraries.v[k],
					    ohc_json_text_value(l->needed_by.v[k]));
		json_object_set_new(layer, "name", json_string(l->name));
		json_object_set_new(layer, "diffId", json_string(l->diff_id));
		json_object_set_new(layer, "entries", json_integer((json_int_t)l->entries));
		json_object_set_new(layer, "content", json_integer((json_int_t)l->bytes));
		json_object_set_new(layer, "programs", texts(&l->programs));
		json_object_set_new(layer, "libraries", libraries);
	}
	return object;
}
