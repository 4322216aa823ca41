// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/claims.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/profiles/profile.h"

static void take(struct ohc_claims *c, struct ohc_payload_source *s)
{
	const struct ohc_loaded *image = &s->read.loaded;
	struct ohc_payload_label label;

	if (!ohc_payload_label_read(image->config, &label))
		return;
	/* A label is a stranger's text: it may name a built-in profile, but no file of this
	 * machine. */
	if (!c->profile && label.profile && ohc_profile_is_built_in(label.profile))
		c->profile = c->claimed_profile = ohc_take(label.profile);
	/* Reads the labels of an image; one in an index is one of several. */
	if (!c->platform && strcmp(image->root.digest, image->manifest.self.digest) == 0)
		c->platform = ohc_platform_text(&image->platform, c->claimed_platform);
	if (!s->spec.target)
		s->spec.target = ohc_take(label.prefix);
	ohc_payload_label_clear(&label);
}

static bool read_image(struct ohc_transports *transports, const struct ohc_platform *platform,
		       struct ohc_payload_source *s)
{
	const struct ohc_payload_spec *spec = &s->spec;
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;

	if (ohc_transports_open(transports, &spec->image, OHC_USE_SOURCE, &store, NULL) < 0)
		return false;
	if (ohc_load_image(store, ohc_name_ref(&spec->image), spec->source, platform, false,
			   &s->read.loaded, NULL) < 0) {
		ohc_load_clear(&s->read.loaded);
		return false;
	}
	s->read.store = ohc_take(store);
	return true;
}

static void read_one(struct ohc_transports *transports, struct ohc_payload_source *s,
		     struct ohc_claims *c)
{
	const char *before = c->platform;
	struct ohc_platform platform;

	if (!s->spec.is_image || s->kept || (s->spec.target && c->profile && c->platform))
		return;
	ohc_platform_host(&platform);
	if (c->platform)
		ohc_platform_parse(c->platform, &platform, NULL);
	if (s->spec.has_platform)
		platform = s->spec.platform;
	if (read_image(transports, &platform, s))
		take(c, s);
	if (s->spec.has_platform) /* an index has several, each for its own platform */
		c->platform = before;
}

void ohc_claims_read(struct ohc_transports *transports, struct ohc_payload_source *sources,
		     size_t n, struct ohc_claims *claims)
{
	for (size_t i = 0; i < n; i++)
		read_one(transports, &sources[i], claims);
}

void ohc_claims_clear(struct ohc_claims *claims)
{
	free(claims->claimed_profile);
	memset(claims, 0, sizeof(*claims));
}
