// SPDX-License-Identifier: Apache-2.0
/* Layers and the history beside them (image-spec config.md, "history"). */
#include "oci/config/config.h"

/* The history to add to, or NULL where there must be none; see the header. */
static json_t *history_of(json_t *config)
{
	json_t *history = json_object_get(config, "history");

	if (json_array_size(history) > 0)
		return history;
	if (ohc_config_n_layers(config) > 0)
		return NULL;
	history = json_array();
	json_object_set_new(config, "history", history);
	return history;
}

static void add_entry(json_t *history, const char *created, const char *created_by,
		      const char *comment, bool empty_layer)
{
	const struct {
		const char *key, *value;
	} members[] = {
		{ "created", created },
		{ "created_by", created_by },
		{ "comment", comment },
	};
	json_t *entry = json_object();

	for (size_t i = 0; i < OHC_ARRAY_SIZE(members); i++)
		if (members[i].value)
			json_object_set_new(entry, members[i].key,
					    ohc_json_text_value(members[i].value));
	if (empty_layer)
		json_object_set_new(entry, "empty_layer", json_true());
	json_array_append_new(history, entry);
}

void ohc_config_add_history(json_t *config, const char *created, const char *created_by,
			    const char *comment)
{
	json_t *history = history_of(config);

	if (history)
		add_entry(history, created, created_by, comment, true);
}

void ohc_config_add_layer(json_t *config, const char *diff_id, const char *created,
			  const char *created_by, const char *comment)
{
	json_t *history = history_of(config);
	json_t *rootfs = ohc_json_make_object(config, "rootfs");
	json_t *diff_ids = json_object_get(rootfs, "diff_ids");

	if (!json_is_array(diff_ids)) { /* Go writes null for none */
		diff_ids = json_array();
		json_object_set_new(rootfs, "diff_ids", diff_ids);
	}
	json_array_append_new(diff_ids, json_string(diff_id));
	if (history)
		add_entry(history, created, created_by, comment, false);
}
