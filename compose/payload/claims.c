// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/claims.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "compose/payload/spec.h"
#include "core/alloc.h"
#include "layout/profiles/profile.h"

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
static void read_one(struct ohc_transports *transports, const char *source,
		     const struct ohc_platform *platform, struct ohc_said_options *said,
		     struct ohc_said_image *ret, char **ret_prefix)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;

	if (ohc_name_parse(source, &name, NULL) < 0 ||
	    ohc_transports_open(transports, &name, false, &store, NULL) < 0)
		return;
	if (ohc_load_image(store, ohc_name_ref(&name), source, platform, false, &ret->image, NULL) <
	    0) {
		ohc_loaded_clear(&ret->image);
		return;
	}
	ret->store = ohc_take(store);
	take(said, &ret->image, ret_prefix);
}

static void add_payload(struct ohc_transports *transports, const char *spec,
			struct ohc_said_options *said, struct ohc_said_image *image)
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
		read_one(transports, source, &platform, said, image, &prefix);
	if (given) /* one of several, each for its own */
		o->platform = before;
	ohc_strv_take(&said->payloads,
		      prefix && !target ? ohc_xasprintf("%s:%s", spec, prefix) : ohc_xstrdup(spec));
}

void ohc_said_options(struct ohc_transports *transports, const struct ohc_push_options *o,
		      struct ohc_said_options *ret)
{
	*ret = (struct ohc_said_options){ .options = *o };
	ret->images = ohc_xcalloc(o->payloads.n + 1, sizeof(*ret->images));
	for (size_t i = 0; i < o->payloads.n; i++)
		add_payload(transports, o->payloads.v[i], ret, &ret->images[i]);
	ret->options.payloads = ret->payloads;
}

void ohc_said_lend(const struct ohc_said_options *said, struct ohc_inputs *in)
{
	for (size_t i = 0; i < in->n_payloads; i++)
		if (said->images[i].store)
			in->payloads[i].said = &said->images[i];
}

void ohc_said_options_clear(struct ohc_said_options *said)
{
	for (size_t i = 0; said->images && i < said->payloads.n; i++) {
		ohc_loaded_clear(&said->images[i].image);
		ohc_store_close(said->images[i].store);
	}
	free(said->images);
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
