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

static void take(struct ohc_said_options *said, const struct ohc_loaded *image)
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
	ohc_payload_label_clear(&label);
}

static void read_one(struct ohc_places *places, const char *spec, struct ohc_said_options *said)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	ohc_cleanup(ohc_freep) char *source = NULL, *target = NULL;
	struct ohc_loaded image = { .config = NULL };
	struct ohc_platform platform;
	bool given;

	ohc_platform_host(&platform);
	if (said->options.platform)
		ohc_platform_parse(said->options.platform, &platform, NULL);
	spec = ohc_payload_platform(spec, &given, &platform);
	if (!given && ohc_payload_spec(spec, &source, &target, NULL) == 0 &&
	    ohc_payload_is_image(source) && ohc_name_parse(source, &name, NULL) == 0 &&
	    ohc_places_open(places, &name, false, &store, NULL) == 0 &&
	    ohc_load_image(store, ohc_name_ref(&name), source, &platform, false, &image, NULL) == 0)
		take(said, &image);
	ohc_loaded_clear(&image);
}

void ohc_said_options(struct ohc_places *places, const struct ohc_push_options *o,
		      struct ohc_said_options *ret)
{
	*ret = (struct ohc_said_options){ .options = *o };
	for (size_t i = 0; i < o->payloads.n; i++)
		if (!ret->options.profile || !ret->options.platform)
			read_one(places, o->payloads.v[i], ret);
}

void ohc_said_options_clear(struct ohc_said_options *said)
{
	free(said->profile);
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
