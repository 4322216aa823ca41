// SPDX-License-Identifier: Apache-2.0
/* Parses, makes and queries image configs; oci/config/env.c and oci/config/edit.c edit. */
#include "oci/config/config.h"

#include <string.h>

#include "oci/documents/digest.h"

enum member_kind {
	TEXT,        /* a string */
	TEXTS,       /* an array of strings */
	TEXT_BY_KEY, /* an object of strings */
	OBJECT,
	OBJECTS, /* an array of objects */
};

static const char *const kind_names[] = {
	[TEXT] = "a string",
	[TEXTS] = "an array of strings",
	[TEXT_BY_KEY] = "an object of strings",
	[OBJECT] = "an object",
	[OBJECTS] = "an array of objects",
};

struct member {
	const char *key;
	enum member_kind kind;
};

static const struct member outer_members[] = {
	{ "architecture", TEXT }, { "os", TEXT },       { "variant", TEXT },    { "created", TEXT },
	{ "config", OBJECT },     { "rootfs", OBJECT }, { "history", OBJECTS },
};

static const struct member inner_members[] = {
	{ "Env", TEXTS },          { "User", TEXT },           { "WorkingDir", TEXT },
	{ "StopSignal", TEXT },    { "Entrypoint", TEXTS },    { "Cmd", TEXTS },
	{ "Labels", TEXT_BY_KEY }, { "ExposedPorts", OBJECT }, { "Volumes", OBJECT },
};

static bool all(const json_t *array, bool strings)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(array))
		return false;
	json_array_foreach (array, i, v)
		if (strings ? !json_is_string(v) : !json_is_object(v))
			return false;
	return true;
}

static bool all_members_text(json_t *object)
{
	const char *key;
	json_t *v;

	if (!json_is_object(object))
		return false;
	json_object_foreach (object, key, v)
		if (!json_is_string(v))
			return false;
	return true;
}

static bool is_kind(json_t *v, enum member_kind kind)
{
	switch (kind) {
	case TEXT:
		return json_is_string(v);
	case TEXTS:
		return all(v, true);
	case TEXT_BY_KEY:
		return all_members_text(v);
	case OBJECT:
		return json_is_object(v);
	case OBJECTS:
		return all(v, false);
	}
	return false;
}

/* Go writes null for an absent member, so null is always accepted. */
static int check_members(const json_t *obj, const struct member *members, size_t n,
			 const char *prefix, const char *what, struct ohc_error *err)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_object_get(obj, members[i].key);

		if (v && !json_is_null(v) && !is_kind(v, members[i].kind))
			return ohc_error_set(err, OHC_E_FORMAT, "%s: '%s%s' is not %s", what,
					     prefix, members[i].key, kind_names[members[i].kind]);
	}
	return 0;
}

static int check_rootfs(const json_t *config, const char *what, struct ohc_error *err)
{
	json_t *rootfs = json_object_get(config, "rootfs"), *diff_ids = NULL, *id;
	const char *type = NULL;
	char where[64];
	size_t i;
	int rc;

	if (!json_is_object(rootfs))
		return ohc_error_set(err, OHC_E_FORMAT, "%s has no 'rootfs': not an image config",
				     what);
	rc = ohc_json_string(rootfs, "type", what, &type, err);
	if (rc == 0)
		rc = ohc_json_array(rootfs, "diff_ids", what, &diff_ids, err);
	if (rc < 0)
		return rc;
	if (!type || strcmp(type, "layers") != 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: 'rootfs.type' is not \"layers\"",
				     what);
	json_array_foreach (diff_ids, i, id) {
		snprintf(where, sizeof(where), "rootfs.diff_ids[%zu]", i);
		if (!json_is_string(id))
			return ohc_error_set(err, OHC_E_FORMAT, "%s: '%s' is not a string", what,
					     where);
		rc = ohc_digest_check(json_string_value(id), where, err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "%s", what);
	}
	return 0;
}

int ohc_config_parse(const void *bytes, size_t n, const char *what, json_t **ret,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("image config %s", what);
	ohc_cleanup(ohc_json_decref) json_t *c = NULL;
	int rc = ohc_json_parse(bytes, n, name, &c, err);

	if (rc == 0)
		rc = check_members(c, outer_members, OHC_ARRAY_SIZE(outer_members), "", name, err);
	if (rc == 0)
		rc = check_members(json_object_get(c, "config"), inner_members,
				   OHC_ARRAY_SIZE(inner_members), "config.", name, err);
	if (rc == 0)
		rc = check_rootfs(c, name, err);
	if (rc == 0)
		*ret = ohc_take(c);
	return rc;
}

json_t *ohc_config_new(const struct ohc_platform *p)
{
	json_t *c = json_pack("{s:s, s:s}", "architecture", p->arch, "os", p->os);

	if (p->variant[0])
		json_object_set_new(c, "variant", json_string(p->variant));
	json_object_set_new(c, "config", json_object());
	json_object_set_new(c, "rootfs", json_pack("{s:s, s:[]}", "type", "layers", "diff_ids"));
	return c;
}

void ohc_config_platform(const json_t *config, struct ohc_platform *ret)
{
	ohc_platform_set(ret, json_string_value(json_object_get(config, "os")),
			 json_string_value(json_object_get(config, "architecture")),
			 json_string_value(json_object_get(config, "variant")));
}

size_t ohc_config_n_layers(const json_t *config)
{
	return json_array_size(json_object_get(json_object_get(config, "rootfs"), "diff_ids"));
}

void ohc_config_created(json_t *config, const char *created)
{
	json_object_set_new(config, "created", ohc_json_text_value(created));
}
