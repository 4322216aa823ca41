// SPDX-License-Identifier: Apache-2.0
#include "compose/image/base.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/config/config.h"
#include "oci/image/convert.h"

static void say_lost(void *ctx, const char *what)
{
	const struct ohc_inputs *in = ctx;

	ohc_report_say(in->options->report, OHC_NOTICE,
		       "%s of '%s' are left out: the format has none", what, in->base.given);
}

/* The base's manifest in the family that was asked for, or all of it in its own; its blobs stay
 * what they are. */
static int convert(const struct ohc_inputs *in, struct ohc_manifest *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document converted = OHC_DOCUMENT_INIT;
	enum ohc_family family = in->family_given ? in->family : m->family;
	int rc;

	ohc_manifest_write(m, &doc);
	rc = ohc_convert_manifest(&doc, family, say_lost, (void *)in, &converted, err);
	if (rc < 0 || strcmp(converted.d.digest, doc.d.digest) == 0)
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
	rc = ohc_base_open(transports, in, &b->store, err);
	if (rc == 0)
		rc = ohc_load_image(b->store, ohc_name_ref(&in->base), in->base.given, want, given,
				    &b->image, err);
	if (rc == 0) {
		memcpy(b->manifest, b->image.manifest.self.digest, sizeof(b->manifest));
		rc = convert(in, &b->image.manifest, err);
	}
	return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", in->base.given) : 0;
}

void ohc_base_clear(struct ohc_base *b)
{
	ohc_store_close(b->store);
	ohc_load_clear(&b->image);
	memset(b, 0, sizeof(*b));
}
