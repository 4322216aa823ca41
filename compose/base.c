// SPDX-License-Identifier: Apache-2.0
#include "compose/base.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/config.h"

static int read_config(const struct ohc_inputs *in, struct ohc_base *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("the config of '%s'", in->base.given);
	const char *type = b->manifest.config.media_type;
	int rc;

	if (strcmp(type, OHC_MEDIA_OCI_CONFIG) != 0 && strcmp(type, OHC_MEDIA_DOCKER_CONFIG) != 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' is no container image but an artifact: its config is of type "
			"'%s'",
			in->base.given, type);
	rc = ohc_store_read_blob(b->store, &b->manifest.config, &bytes, err);
	if (rc == 0)
		rc = ohc_config_parse(bytes.data, bytes.len, what, &b->config, err);
	if (rc < 0)
		return rc;
	if (ohc_config_n_layers(b->config) != b->manifest.n_layers)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' contradicts itself: %zu layers in its manifest, %zu diff IDs in "
			"its config",
			in->base.given, b->manifest.n_layers, ohc_config_n_layers(b->config));
	return 0;
}

/* An index was searched for the platform; a single image is what it is. */
static int check_platform(const struct ohc_inputs *in, struct ohc_base *b, struct ohc_error *err)
{
	char want[OHC_PLATFORM_TEXT], have[OHC_PLATFORM_TEXT];

	ohc_config_platform(b->config, &b->platform);
	if (!in->platform_given || ohc_platform_match(&in->platform, &b->platform))
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' is an image for %s, not for %s",
			     in->base.given, ohc_platform_text(&b->platform, have),
			     ohc_platform_text(&in->platform, want));
}

int ohc_base_load(struct ohc_places *places, const struct ohc_inputs *in, struct ohc_base *b,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	if (in->base.transport == OHC_SCRATCH) {
		b->config = ohc_config_new(&in->platform);
		b->platform = in->platform;
		ohc_manifest_init(&b->manifest, OHC_FAMILY_OCI);
		return 0;
	}
	rc = ohc_places_open(places, &in->base, false, &b->store, err);
	if (rc == 0)
		rc = ohc_resolve_image(b->store, ohc_name_ref(&in->base), &in->platform, &doc,
				       &b->root, NULL, err);
	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &b->manifest, err);
	if (rc == 0)
		rc = read_config(in, b, err);
	if (rc == 0)
		rc = check_platform(in, b, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", in->base.given) : 0;
}

void ohc_base_clear(struct ohc_base *b)
{
	ohc_store_close(b->store);
	ohc_manifest_clear(&b->manifest);
	json_decref(b->config);
	memset(b, 0, sizeof(*b));
}
