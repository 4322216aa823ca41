// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/label.h"

#include <string.h>

#include "core/buf.h"
#include "core/id.h"
#include "core/path.h"
#include "oci/documents/json_members.h"

#define LABEL "io.ohcompose.payload."

/* The limit for labels that others wrote. */
#define PROVIDES_MAX 256
#define VERSION_MAX  32

static const char *const libcs[] = {
	[OHC_PAYLOAD_NONE] = "none",       [OHC_PAYLOAD_OWN] = "own",
	[OHC_PAYLOAD_GLIBC] = "glibc",     [OHC_PAYLOAD_MUSL] = "musl",
	[OHC_PAYLOAD_UNKNOWN] = "unknown",
};

static const char *get(const json_t *config, const char *key)
{
	const json_t *labels = json_object_get(json_object_get(config, "config"), "Labels");

	return json_string_value(json_object_get(labels, key));
}

/* Is every layer a component, and every component a layer? */
static bool is_whole(const json_t *config, const json_t *components)
{
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	const json_t *id;
	size_t i;

	if (json_array_size(ids) != json_object_size(components))
		return false;
	json_array_foreach (ids, i, id) {
		bool found = false;
		const char *name;
		json_t *component;

		json_object_foreach ((json_t *)components, name, component)
			found = found || json_equal(component, id);
		if (!found)
			return false;
	}
	return true;
}

static bool read_libc(const json_t *config, enum ohc_payload_libc *ret)
{
	const char *text = get(config, LABEL "libc");

	for (size_t i = 0; text && i < OHC_ARRAY_SIZE(libcs); i++)
		if (strcmp(text, libcs[i]) == 0) {
			*ret = (enum ohc_payload_libc)i;
			return true;
		}
	return false;
}

static char *read_version(const json_t *config, const char *key)
{
	const char *text = get(config, key);

	return text && *text && strlen(text) < VERSION_MAX &&
			       strspn(text, "0123456789.") == strlen(text)
		       ? ohc_xstrdup(text)
		       : NULL;
}

static void read_provides(const json_t *config, struct ohc_payload_label *label)
{
	const char *s = get(config, LABEL "provides");

	for (size_t i = 0; s && *s && i < PROVIDES_MAX; i++) {
		size_t len = strcspn(s, ",");
		char *path = ohc_xstrndup(s, len);

		if (ohc_path_is_normal(path) && ohc_path_below(path, label->prefix))
			ohc_strv_take(&label->provides, path);
		else
			free(path);
		s += len + (s[len] == ',');
	}
}

static void read_owner(const json_t *config, struct ohc_payload_label *label)
{
	const char *text = get(config, LABEL "owner"), *colon = text ? strchr(text, ':') : NULL;

	label->owned = colon && ohc_id_parse(text, (size_t)(colon - text), &label->uid) &&
		       ohc_id_parse(colon + 1, strlen(colon + 1), &label->gid);
}

bool ohc_payload_label_read(const json_t *config, struct ohc_payload_label *ret)
{
	const char *prefix = get(config, LABEL "prefix"), *profile = get(config, LABEL "profile");
	const char *components = get(config, LABEL "components");
	ohc_cleanup(ohc_payload_label_clear) struct ohc_payload_label label =
		OHC_PAYLOAD_LABEL_INIT;

	if (!prefix || !components || !ohc_path_is_normal(prefix) || !prefix[1] ||
	    ohc_json_parse(components, strlen(components), "", &label.components, NULL) < 0 ||
	    !is_whole(config, label.components) || !read_libc(config, &label.libc))
		return false;
	label.prefix = ohc_xstrdup(prefix);
	label.profile = profile && *profile ? ohc_xstrdup(profile) : NULL;
	label.glibc = read_version(config, LABEL "glibc");
	label.glibcxx = read_version(config, LABEL "glibcxx");
	read_owner(config, &label);
	read_provides(config, &label);
	*ret = label;
	label = (struct ohc_payload_label)OHC_PAYLOAD_LABEL_INIT;
	return true;
}

static void set(json_t *labels, const char *key, const char *value)
{
	if (value)
		json_object_set_new(labels, key, json_string(value));
}

void ohc_payload_label_write(const struct ohc_payload_label *label, json_t *config)
{
	json_t *labels = ohc_json_make_object(ohc_json_make_object(config, "config"), "Labels");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf provides = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *components = ohc_json_text(label->components);
	ohc_cleanup(ohc_freep) char *owner = NULL;

	for (size_t i = 0; i < label->provides.n; i++)
		ohc_buf_addf(&provides, "%s%s", i ? "," : "", label->provides.v[i]);
	if (label->owned)
		owner = ohc_xasprintf("%u:%u", label->uid, label->gid);
	set(labels, LABEL "prefix", label->prefix);
	set(labels, LABEL "owner", owner);
	set(labels, LABEL "profile", label->profile);
	set(labels, LABEL "libc", libcs[label->libc]);
	set(labels, LABEL "glibc", label->glibc);
	set(labels, LABEL "glibcxx", label->glibcxx);
	set(labels, LABEL "components", components);
	if (provides.len)
		set(labels, LABEL "provides", provides.data);
}

void ohc_payload_label_clear(struct ohc_payload_label *label)
{
	free(label->prefix);
	free(label->profile);
	free(label->glibc);
	free(label->glibcxx);
	json_decref(label->components);
	ohc_strv_clear(&label->provides);
	*label = (struct ohc_payload_label)OHC_PAYLOAD_LABEL_INIT;
}
