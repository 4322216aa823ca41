// SPDX-License-Identifier: Apache-2.0
/* Describes an image's config, and its history beside the layers. */
#include "oci/image/describe.h"

#include "oci/config/config.h"

static const struct {
	const char *key, *member;
} plain_members[] = {
	{ "user", "User" },
	{ "workdir", "WorkingDir" },
	{ "entrypoint", "Entrypoint" },
	{ "cmd", "Cmd" },
	{ "env", "Env" },
};

static bool says_something(const json_t *v)
{
	if (json_is_string(v))
		return json_string_length(v) > 0;
	if (json_is_array(v))
		return json_array_size(v) > 0;
	return v && !json_is_null(v) && !(json_is_object(v) && json_object_size(v) == 0);
}

static void keep(json_t *to, const char *key, json_t *v)
{
	if (says_something(v))
		json_object_set(to, key, v);
}

/* {"80/tcp": {}} as ["80/tcp"] */
static void keep_keys(json_t *to, const char *key, json_t *set)
{
	json_t *list = json_array(), *v;
	const char *member;

	json_object_foreach (set, member, v)
		json_array_append_new(list, json_string(member));
	keep(to, key, list);
	json_decref(list);
}

static json_t *inner_config(const struct ohc_manifest *m, const json_t *config)
{
	json_t *inner = json_object_get(config, "config"), *to = json_object();

	json_object_set_new(to, "digest", json_string(m->config.digest));
	json_object_set_new(to, "size", json_integer(m->config.size));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(plain_members); i++)
		keep(to, plain_members[i].key, json_object_get(inner, plain_members[i].member));
	keep_keys(to, "ports", json_object_get(inner, "ExposedPorts"));
	keep_keys(to, "volumes", json_object_get(inner, "Volumes"));
	keep(to, "labels", json_object_get(inner, "Labels"));
	keep(to, "stopSignal", json_object_get(inner, "StopSignal"));
	return to;
}

static bool is_empty_layer(const json_t *entry)
{
	return json_is_true(json_object_get(entry, "empty_layer"));
}

static size_t count_layers(const json_t *history)
{
	const json_t *entry;
	size_t i, n = 0;

	json_array_foreach (history, i, entry)
		n += !is_empty_layer(entry);
	return n;
}

static json_t *describe_history(const json_t *history, size_t n_layers)
{
	bool matches = count_layers(history) == n_layers;
	json_t *list = json_array(), *entry, *to;
	json_int_t layer = 0;
	size_t i;

	json_array_foreach (history, i, entry) {
		to = json_object();
		if (matches && !is_empty_layer(entry))
			json_object_set_new(to, "layer", json_integer(layer++));
		keep(to, "created", json_object_get(entry, "created"));
		keep(to, "createdBy", json_object_get(entry, "created_by"));
		keep(to, "comment", json_object_get(entry, "comment"));
		json_array_append_new(list, to);
	}
	return list;
}

static void add_diff_ids(json_t *layers, const json_t *config)
{
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	json_t *layer;
	size_t i;

	if (json_array_size(ids) != json_array_size(layers))
		return;
	json_array_foreach (layers, i, layer)
		json_object_set(layer, "diffId", json_array_get(ids, i));
}

void ohc_describe_config(json_t *to, const struct ohc_manifest *m, const json_t *config)
{
	ohc_cleanup(ohc_json_decref) json_t *history =
		describe_history(json_object_get(config, "history"), m->n_layers);
	struct ohc_platform platform;
	char text[OHC_PLATFORM_TEXT];

	ohc_config_platform(config, &platform);
	json_object_set_new(to, "platform", json_string(ohc_platform_text(&platform, text)));
	keep(to, "created", json_object_get(config, "created"));
	keep(to, "author", json_object_get(config, "author"));
	json_object_set_new(to, "config", inner_config(m, config));
	add_diff_ids(json_object_get(to, "layers"), config);
	keep(to, "history", history);
}
