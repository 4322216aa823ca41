// SPDX-License-Identifier: Apache-2.0
#include "compose/transports/load.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/config/config.h"
#include "oci/image/resolve.h"

static int read_config(struct ohc_store *s, const char *what, struct ohc_loaded *l,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *title = ohc_xasprintf("the config of '%s'", what);
	const char *type = l->manifest.config.media_type;
	int rc;

	if (strcmp(type, OHC_MEDIA_OCI_CONFIG) != 0 && strcmp(type, OHC_MEDIA_DOCKER_CONFIG) != 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' is no container image but an artifact: its config is of type "
			"'%s'",
			what, type);
	if (l->manifest.n_layers && ohc_manifest_is_artifact(&l->manifest) &&
	    !ohc_media_is_layer(l->manifest.layers[0].media_type))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is no container image but an artifact: none of its "
				     "layers is one, the first is of type '%s'",
				     what, l->manifest.layers[0].media_type);
	rc = ohc_store_read_blob(s, &l->manifest.config, &bytes, err);
	if (rc == 0)
		rc = ohc_config_parse(bytes.data, bytes.len, title, &l->config, err);
	if (rc < 0)
		return rc;
	if (ohc_config_n_layers(l->config) != l->manifest.n_layers)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' contradicts itself: %zu layers in its manifest, %zu diff IDs in "
			"its config",
			what, l->manifest.n_layers, ohc_config_n_layers(l->config));
	ohc_config_platform(l->config, &l->platform);
	return 0;
}

int ohc_load_image(struct ohc_store *s, const char *ref, const char *what,
		   const struct ohc_platform *want, bool given, struct ohc_loaded *l,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document root = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_manifest(s, ref, &root, err);

	return rc < 0 ? rc : ohc_load_root(s, ref, &root, what, want, given, l, err);
}

int ohc_load_root(struct ohc_store *s, const char *ref, struct ohc_document *root, const char *what,
		  const struct ohc_platform *want, bool given, struct ohc_loaded *l,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	l->root = root->d;
	rc = ohc_resolve_root(s, ref, root, want, &doc, NULL, err);
	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &l->manifest, err);
	if (rc == 0)
		rc = read_config(s, what, l, err);
	return rc == 0 && given ? ohc_load_check(l, what, want, err) : rc;
}

/* Of a single image; an index was searched for it. */
int ohc_load_check(const struct ohc_loaded *l, const char *what, const struct ohc_platform *want,
		   struct ohc_error *err)
{
	char asked[OHC_PLATFORM_TEXT], have[OHC_PLATFORM_TEXT];

	if (ohc_platform_match(want, &l->platform))
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' is an image for %s, not for %s", what,
			     ohc_platform_text(&l->platform, have), ohc_platform_text(want, asked));
}

void ohc_load_share(const struct ohc_loaded *l, struct ohc_loaded *ret)
{
	const struct ohc_manifest *m = &l->manifest;

	*ret = *l;
	json_incref(ret->config);
	json_incref(ret->manifest.doc);
	ret->manifest.layers = ohc_xcalloc(m->n_layers, sizeof(*m->layers));
	if (m->n_layers)
		memcpy(ret->manifest.layers, m->layers, m->n_layers * sizeof(*m->layers));
}

void ohc_load_clear(struct ohc_loaded *l)
{
	ohc_manifest_clear(&l->manifest);
	json_decref(l->config);
	memset(l, 0, sizeof(*l));
}
