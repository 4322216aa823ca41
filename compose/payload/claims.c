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

static int read_image(struct ohc_transports *transports, const struct ohc_platform *platform,
		      struct ohc_payload_source *s, struct ohc_error *err)
{
	const struct ohc_payload_spec *spec = &s->spec;
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	int rc = ohc_transports_open(transports, &spec->image, OHC_USE_SOURCE, &store, err);

	if (rc == 0)
		rc = ohc_transports_load(transports, store, ohc_name_ref(&spec->image),
					 spec->source, platform, false, &s->read.loaded, err);
	if (rc == 0)
		s->read.store = ohc_take(store);
	else
		ohc_load_clear(&s->read.loaded);
	return rc;
}

/* Might it be read the next moment, or by somebody else? */
static bool is_open(int rc)
{
	return rc == -OHC_E_NETWORK || rc == -OHC_E_DENIED || rc == -OHC_E_INTERRUPTED;
}

static int read_one(struct ohc_transports *transports, struct ohc_payload_source *s,
		    struct ohc_claims *c, struct ohc_error *err)
{
	const char *before = c->platform;
	struct ohc_error why = OHC_ERROR_INIT;
	struct ohc_platform platform;
	int rc;

	if (!s->spec.is_image || s->kept || (s->spec.target && c->profile && c->platform))
		return 0;
	ohc_platform_host(&platform);
	if (c->platform)
		ohc_platform_parse(c->platform, &platform, NULL);
	if (s->spec.has_platform)
		platform = s->spec.platform;
	rc = read_image(transports, &platform, s, &why);
	if (rc < 0)
		ohc_error_wrap(&why, rc, "payload '%s'", s->spec.source);
	if (is_open(rc))
		return ohc_error_copy(err, &why, rc);
	if (rc == 0)
		take(c, s);
	else if (!s->spec.target && !c->unread_rc)
		c->unread_rc = ohc_error_copy(&c->unread, &why, rc);
	if (s->spec.has_platform) /* an index has several, each for its own platform */
		c->platform = before;
	return 0;
}

int ohc_claims_read(struct ohc_transports *transports, struct ohc_payload_source *sources, size_t n,
		    struct ohc_claims *claims, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_one(transports, &sources[i], claims, err);
	return rc;
}

void ohc_claims_clear(struct ohc_claims *claims)
{
	free(claims->claimed_profile);
	memset(claims, 0, sizeof(*claims));
}
