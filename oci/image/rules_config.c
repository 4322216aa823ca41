// SPDX-License-Identifier: Apache-2.0
/* Rules of image configs (image-spec config.md). */
#include "oci/image/rules.h"

#include <string.h>

#include "oci/config/config.h"

static void required_text(struct ohc_rules *r, const json_t *config, const char *key)
{
	const char *s = json_string_value(json_object_get(config, key));

	if (!s || !*s)
		ohc_rules_break(r, "", "has no '%s'", key);
}

static void time_of(struct ohc_rules *r, const char *at, const json_t *obj)
{
	const char *s = json_string_value(json_object_get(obj, "created"));
	int64_t seconds;

	if (s && ohc_config_time_parse(s, &seconds, NULL) < 0)
		ohc_rules_break(r, at, "'created' is '%.100s', which is no RFC 3339 time", s);
}

/* Objects whose keys say it all and whose values are empty objects (Go's map[string]struct{}). */
static void set_of(struct ohc_rules *r, const json_t *inner, const char *key)
{
	json_t *set = json_object_get(inner, key), *v;
	const char *member;

	json_object_foreach (set, member, v)
		if (!json_is_object(v))
			ohc_rules_break(r, "", "'config.%s': the value of '%.200s' is no object",
					key, member);
}

static void env(struct ohc_rules *r, const json_t *inner)
{
	const json_t *list = json_object_get(inner, "Env"), *v;
	const char *s;
	size_t i;

	json_array_foreach (list, i, v) {
		s = json_string_value(v);
		if (s && (!strchr(s, '=') || *s == '='))
			ohc_rules_break(r, "", "'config.Env[%zu]' is '%.200s', not NAME=VALUE", i,
					s);
	}
}

static void history(struct ohc_rules *r, const json_t *config)
{
	static const char *const texts[] = { "created", "created_by", "author", "comment" };
	const json_t *list = json_object_get(config, "history"), *entry, *v;
	char at[32];
	size_t i;

	json_array_foreach (list, i, entry) {
		snprintf(at, sizeof(at), "history[%zu]", i);
		for (size_t k = 0; k < OHC_ARRAY_SIZE(texts); k++) {
			v = json_object_get(entry, texts[k]);
			if (v && !json_is_null(v) && !json_is_string(v))
				ohc_rules_break(r, at, "'%s' is not a string", texts[k]);
		}
		v = json_object_get(entry, "empty_layer");
		if (v && !json_is_null(v) && !json_is_boolean(v))
			ohc_rules_break(r, at, "'empty_layer' is neither true nor false");
		time_of(r, at, entry);
	}
}

void ohc_rules_config(struct ohc_rules *r, const json_t *config, size_t n_layers)
{
	const json_t *inner = json_object_get(config, "config");
	size_t n = ohc_config_n_layers(config);

	required_text(r, config, "architecture");
	required_text(r, config, "os");
	time_of(r, "", config);
	if (n != n_layers)
		ohc_rules_break(r, "", "has %zu diff IDs for the %zu layers of its manifest", n,
				n_layers);
	env(r, inner);
	set_of(r, inner, "ExposedPorts");
	set_of(r, inner, "Volumes");
	history(r, config);
}
