// SPDX-License-Identifier: Apache-2.0
/*
 * Finds the manifest that a name means.  A stranger's index may nest without end, and may have many
 * entries without a platform, each of which costs a request: both are limited.
 */
#include "oci/image/resolve.h"

#include <string.h>

#include "oci/config/config.h"
#include "oci/documents/index.h"
#include "oci/documents/manifest.h"

#define DEPTH_MAX     4
#define DOCUMENTS_MAX 64

struct resolve {
	struct ohc_store *store;
	const struct ohc_platform *want;
	const char *what; /* the image, for messages */
	size_t documents;
};

static int descend(struct resolve *r, const struct ohc_document *index, unsigned int depth,
		   struct ohc_document *ret_doc, struct ohc_platform *ret_platform,
		   struct ohc_error *err);

static int get_entry(struct resolve *r, const struct ohc_index_entry *e, struct ohc_document *ret,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	if (++r->documents > DOCUMENTS_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: more than %d manifests without a platform in its index",
				     r->what, DOCUMENTS_MAX);
	rc = ohc_store_get_child(r->store, &e->d, &doc, err);
	if (rc < 0)
		return rc;
	if (strcmp(doc.d.media_type, e->d.media_type) != 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: the index says that %s is '%s', but it is '%s'", r->what,
				     e->d.digest, e->d.media_type, doc.d.media_type);
	*ret = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

/* Reads the platform from a manifest's config, for indexes that do not name one; an artifact has
 * none. */
static int config_platform(struct resolve *r, const struct ohc_document *doc,
			   struct ohc_platform *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	int rc = ohc_manifest_parse(doc, &m, err);

	if (rc == 0 && !ohc_media_is_config(m.config.media_type))
		return -OHC_E_NOT_FOUND;
	if (rc == 0)
		rc = ohc_store_read_blob(r->store, &m.config, &bytes, err);
	if (rc == 0 && ohc_manifest_is_artifact(&m) &&
	    ohc_config_parse(ohc_buf_str(&bytes), bytes.len, "", &config, NULL) < 0)
		return -OHC_E_NOT_FOUND;
	if (rc == 0 && !config)
		rc = ohc_config_parse(ohc_buf_str(&bytes), bytes.len, m.config.digest, &config,
				      err);
	if (rc == 0)
		ohc_config_platform(config, ret);
	return rc;
}

/* Looks into an entry that has no platform in the index. */
static int look_into(struct resolve *r, const struct ohc_index_entry *e, unsigned int depth,
		     struct ohc_document *ret_doc, struct ohc_platform *ret_platform,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_platform have;
	int rc = get_entry(r, e, &doc, err);

	if (rc < 0)
		return rc;
	if (ohc_media_is_index(doc.d.media_type))
		return descend(r, &doc, depth + 1, ret_doc, ret_platform, err);
	rc = config_platform(r, &doc, &have, err);
	if (rc < 0)
		return rc;
	if (!ohc_platform_match(r->want, &have))
		return -OHC_E_NOT_FOUND;
	*ret_platform = have;
	*ret_doc = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

/* Follows the chosen entry: its manifest, or what the index below it has. */
static int follow(struct resolve *r, const struct ohc_index_entry *e, unsigned int depth,
		  struct ohc_document *ret_doc, struct ohc_platform *ret_platform,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = get_entry(r, e, &doc, err);

	if (rc < 0)
		return rc;
	if (ohc_media_is_index(doc.d.media_type))
		return descend(r, &doc, depth + 1, ret_doc, ret_platform, err);
	*ret_platform = e->platform;
	*ret_doc = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

static int descend(struct resolve *r, const struct ohc_document *doc, unsigned int depth,
		   struct ohc_document *ret_doc, struct ohc_platform *ret_platform,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	struct ohc_error inner = OHC_ERROR_INIT;
	const struct ohc_index_entry *e;
	int rc, not_here;

	if (depth > DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: indexes are nested more than %d deep",
				     r->what, DEPTH_MAX);
	rc = ohc_index_parse(doc, &index, err);
	if (rc < 0)
		return rc;
	not_here = ohc_index_choose(&index, r->want, r->what, &e, err);
	if (not_here == 0)
		return follow(r, e, depth, ret_doc, ret_platform, err);
	for (size_t i = 0; i < index.n; i++) {
		e = &index.entries[i];
		if (e->has_platform || e->attestation)
			continue;
		rc = look_into(r, e, depth, ret_doc, ret_platform, &inner);
		if (rc != -OHC_E_NOT_FOUND)
			return ohc_error_copy(err, rc < 0 ? &inner : NULL, rc);
	}
	return not_here;
}

int ohc_resolve_root(struct ohc_store *s, const char *ref, struct ohc_document *root,
		     const struct ohc_platform *want, struct ohc_document *ret_doc,
		     struct ohc_platform *ret_entry_platform, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = NULL;
	struct ohc_platform platform = { .os = "" };
	struct resolve r = { .store = s, .want = want };
	int rc = 0;

	if (ref)
		what = ohc_xasprintf("'%s%c%s'", s->name, ohc_digest_valid(ref) ? '@' : ':', ref);
	else
		what = ohc_xasprintf("'%s'", s->name);
	r.what = what;
	if (ohc_media_is_index(root->d.media_type)) {
		rc = descend(&r, root, 1, ret_doc, &platform, err);
	} else {
		*ret_doc = *root;
		*root = (struct ohc_document)OHC_DOCUMENT_INIT;
	}
	if (rc == 0 && ret_entry_platform)
		*ret_entry_platform = platform;
	return rc;
}

int ohc_resolve_image(struct ohc_store *s, const char *ref, const struct ohc_platform *want,
		      struct ohc_document *ret_doc, struct ohc_descriptor *ret_root,
		      struct ohc_platform *ret_entry_platform, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document root = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_manifest(s, ref, &root, err);

	if (rc < 0)
		return rc;
	if (ret_root)
		*ret_root = root.d;
	return ohc_resolve_root(s, ref, &root, want, ret_doc, ret_entry_platform, err);
}
