// SPDX-License-Identifier: Apache-2.0
#include "compose/image/base.h"

#include <stdio.h>
#include <string.h>

#include "compose/image/origin.h"
#include "core/alloc.h"
#include "oci/config/config.h"
#include "oci/image/convert.h"

static void say_lost(void *ctx, const char *what)
{
	const struct ohc_inputs *in = ctx;

	ohc_report_say(in->report, OHC_NOTICE, "%s of '%s' are left out: the format has none", what,
		       in->base.given);
}

/* Converts the base's manifest to the family that was asked for; its blobs stay as they are. */
static int convert(const struct ohc_inputs *in, struct ohc_manifest *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document converted = OHC_DOCUMENT_INIT;
	enum ohc_family family = in->family_given ? in->family : m->family;
	int rc;

	if (ohc_convert_keeps(m, family))
		return 0;
	ohc_manifest_write(m, &doc);
	rc = ohc_convert_manifest(&doc, family, say_lost, (void *)in, &converted, err);
	if (rc < 0)
		return rc;
	ohc_manifest_clear(m);
	return ohc_manifest_parse(&converted, m, err);
}

int ohc_base_open(struct ohc_transports *transports, const struct ohc_inputs *in,
		  struct ohc_store **ret, struct ohc_error *err)
{
	int rc = ohc_transports_open(transports, &in->base, ohc_inputs_base_use(in), ret, err);

	if (rc == 0) {
		(*ret)->before_reading = in->before_reading;
		(*ret)->before_ctx = in->before_ctx;
	}
	return rc;
}

/* The base that an image was composed on, unless another one was named. */
static const struct ohc_origin *pinned(const struct ohc_inputs *in)
{
	return in->options->base ? NULL : in->options->origin;
}

const char *ohc_base_ref(const struct ohc_inputs *in)
{
	const struct ohc_origin *origin = pinned(in);

	if (!origin)
		return ohc_name_ref(&in->base);
	return in->all_platforms ? origin->says->base.digest : origin->says->base.manifest;
}

int ohc_base_ask(struct ohc_transports *transports, const struct ohc_inputs *in, struct ohc_base *b,
		 struct ohc_error *err)
{
	int rc = ohc_base_open(transports, in, &b->store, err);

	if (rc == 0)
		rc = ohc_store_get_manifest(b->store, ohc_base_ref(in), &b->asked, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", in->base.given) : 0;
}

static bool was_asked(const struct ohc_base *b)
{
	return b->asked.d.digest[0];
}

bool ohc_base_is_single(const struct ohc_base *b)
{
	return was_asked(b) && !ohc_media_is_index(b->asked.d.media_type);
}

static int load(struct ohc_transports *transports, const struct ohc_inputs *in,
		const struct ohc_platform *want, bool given, struct ohc_base *b,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("base '%s'", in->base.given);
	const struct ohc_origin *origin = pinned(in);
	const struct ohc_held_image image = { &in->base, ohc_base_ref(in), what };
	int rc;

	if (origin && origin->exact)
		return ohc_holders_load(transports, &origin->holders, &image, want, &b->store,
					&b->image, err);
	rc = b->store ? 0 : ohc_base_open(transports, in, &b->store, err);
	if (rc == 0 && was_asked(b))
		rc = ohc_load_root(b->store, image.digest, &b->asked, in->base.given, want, given,
				   &b->image, err);
	else if (rc == 0)
		rc = ohc_transports_load(transports, b->store, image.digest, in->base.given, want,
					 given, &b->image, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "%s", what) : 0;
}

/* It was named as the image says. */
static void keep_root(const struct ohc_inputs *in, struct ohc_base *b)
{
	const struct ohc_origin *origin = pinned(in);

	if (origin)
		snprintf(b->image.root.digest, sizeof(b->image.root.digest), "%s",
			 origin->says->base.digest);
}

int ohc_base_load(struct ohc_transports *transports, const struct ohc_inputs *in,
		  const struct ohc_platform *want, bool given, struct ohc_base *b,
		  struct ohc_error *err)
{
	int rc;

	if (in->base.transport == OHC_SCRATCH) {
		b->image.config = ohc_config_new(want);
		b->image.platform = *want;
		ohc_manifest_init(&b->image.manifest,
				  in->family_given ? in->family : OHC_FAMILY_OCI);
		return 0;
	}
	rc = load(transports, in, want, given, b, err);
	if (rc < 0)
		return rc;
	keep_root(in, b);
	ohc_document_clear(&b->asked);
	memcpy(b->manifest, b->image.manifest.self.digest, sizeof(b->manifest));
	rc = convert(in, &b->image.manifest, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", in->base.given) : 0;
}

void ohc_base_clear(struct ohc_base *b)
{
	ohc_document_clear(&b->asked);
	ohc_store_close(b->store);
	ohc_load_clear(&b->image);
	memset(b, 0, sizeof(*b));
}
