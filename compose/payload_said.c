// SPDX-License-Identifier: Apache-2.0
#include "compose/payload_said.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "compose/load.h"
#include "compose/payload_spec.h"
#include "core/alloc.h"
#include "layout/profile.h"

/* A label is a stranger's word: it names what we know, not a file of ours. */
static bool is_profile(const char *name)
{
	for (const char *const *known = ohc_profile_names(); *known; known++)
		if (strcmp(*known, name) == 0)
			return true;
	return false;
}

static void take(struct ohc_said_options *said, const struct ohc_loaded *image, char **ret_prefix)
{
	struct ohc_push_options *o = &said->options;
	struct ohc_payload_label label;

	if (!ohc_payload_label_read(image->config, &label))
		return;
	if (!o->profile && label.profile && is_profile(label.profile)) {
		said->profile = ohc_take(label.profile);
		o->profile = said->profile;
	}
	/* One that is in an index is one of several. */
	if (!o->platform && strcmp(image->root.digest, image->manifest.self.digest) == 0)
		o->platform = ohc_platform_text(&image->platform, said->platform);
	*ret_prefix = ohc_take(label.prefix);
	ohc_payload_label_clear(&label);
}

/* *ret_prefix is the label's, where there is one. */
static void read_one(struct ohc_places *places, const char *source,
		     const struct ohc_platform *platform, struct ohc_said_options *said,
		     char **ret_prefix)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	struct ohc_loaded image = { .config = NULL };

	if (ohc_name_parse(source, &name, NULL) == 0 &&
	    ohc_places_open(places, &name, false, &store, NULL) == 0 &&
	    ohc_load_image(store, ohc_name_ref(&name), source, platform, false, &image, NULL) == 0)
		take(said, &image, ret_prefix);
	ohc_loaded_clear(&image);
}

static void add_payload(struct ohc_places *places, const char *spec, struct ohc_said_options *said)
{
	ohc_cleanup(ohc_freep) char *source = NULL, *target = NULL, *prefix = NULL;
	struct ohc_push_options *o = &said->options;
	const char *before = o->platform;
	struct ohc_platform platform;
	bool given;

	ohc_platform_host(&platform);
	if (o->platform)
		ohc_platform_parse(o->platform, &platform, NULL);
	if (ohc_payload_spec(ohc_payload_platform(spec, &given, &platform), &source, &target,
			     NULL) == 0 &&
	    ohc_payload_is_image(source) && (!target || !o->profile || !o->platform))
		read_one(places, source, &platform, said, &prefix);
	if (given) /* one of several, each for its own */
		o->platform = before;
	ohc_strv_take(&said->payloads,
		      prefix && !target ? ohc_xasprintf("%s:%s", spec, prefix) : ohc_xstrdup(spec));
}

void ohc_said_options(struct ohc_places *places, const struct ohc_push_options *o,
		      struct ohc_said_options *ret)
{
	*ret = (struct ohc_said_options){ .options = *o };
	for (size_t i = 0; i < o->payloads.n; i++)
		add_payload(places, o->payloads.v[i], ret);
	ret->options.payloads = ret->payloads;
}

void ohc_said_options_clear(struct ohc_said_options *said)
{
	free(said->profile);
	ohc_strv_clear(&said->payloads);
	memset(said, 0, sizeof(*said));
}

void ohc_said_index(const struct ohc_payload_label *label, uint32_t uid, uint32_t gid,
		    struct ohc_layer_index *ret)
{
	struct ohc_layer_entry e = {
		.path = label->prefix + 1, .mode = S_IFDIR | 0755, .uid = uid, .gid = gid
	};

	ohc_layer_index_add(ret, &e);
	e.mode = S_IFREG | 0755;
	for (size_t i = 0; i < label->provides.n; i++) {
		e.path = label->provides.v[i] + 1;
		ohc_layer_index_add(ret, &e);
	}
}
