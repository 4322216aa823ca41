// SPDX-License-Identifier: Apache-2.0
#include "oci/image/copy_image.h"

#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "oci/config/config.h"
#include "oci/image/convert.h"
#include "oci/documents/index.h"
#include "oci/image/resolve.h"

/* A stranger's index may nest, and list, without end; so may referrers.  A repository may have tens
 * of thousands of tags. */
#define DEPTH_MAX 8
#define DONE_MAX  200000

void ohc_copy_clear(struct ohc_copy *c)
{
	ohc_map_free(c->places);
	free(c->done);
	c->places = NULL;
	c->done = NULL;
	c->n_done = 0;
	ohc_copy_compressed_clear(&c->compressed);
}

static const struct ohc_descriptor *find_done(const struct ohc_copy *c, const char *digest)
{
	size_t i;

	return c->places && ohc_map_get(c->places, digest, &i) ? &c->done[i] : NULL;
}

static int add_done(struct ohc_copy *c, const char *digest, const struct ohc_descriptor *d,
		    struct ohc_error *err)
{
	if (find_done(c, digest))
		return 0;
	if (c->n_done >= DONE_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s': more than %d manifests",
				     c->from->name, DONE_MAX);
	if ((c->n_done & (c->n_done - 1)) == 0) /* room is made in powers of two */
		c->done = ohc_xrealloc(c->done, c->n_done ? 2 * c->n_done : 1, sizeof(*c->done));
	if (!c->places)
		c->places = ohc_map_new();
	ohc_map_put(c->places, digest, c->n_done);
	c->done[c->n_done++] = *d;
	return 0;
}

static void on_lost(void *ctx, const char *what)
{
	struct ohc_copy *c = ctx;

	ohc_report_say(c->report, OHC_WARNING,
		       "left out, as the other format has no place for it: %s", what);
}

static int move_blobs(struct ohc_copy *c, const struct ohc_descriptor *blobs, size_t n,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) enum ohc_copy_action *actions = ohc_xcalloc(n, sizeof(*actions));
	int rc = ohc_copy_blobs(c->from, c->to, blobs, n, c->jobs, c->report, actions, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		c->total.blobs[actions[i]]++;
		if (actions[i] == OHC_COPY_COPIED)
			c->total.bytes_moved += (uint64_t)blobs[i].size;
	}
	return rc;
}

static int no_image(const struct ohc_copy *c, const struct ohc_manifest *m, const char *why,
		    struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "manifest %s is no image (%s): '%s' is for what engines load, and "
			     "artifacts go into an oci-archive",
			     m->self.digest, why, c->to->name);
}

static int check_image(struct ohc_copy *c, const struct ohc_manifest *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	int rc;

	if (!ohc_media_is_config(m->config.media_type))
		return no_image(c, m, m->config.media_type, err);
	if (ohc_manifest_is_artifact(m))
		return no_image(c, m, "its config or its layers are of none", err);
	rc = ohc_store_read_blob(c->from, &m->config, &bytes, err);
	if (rc == 0)
		rc = ohc_config_parse(ohc_buf_str(&bytes), bytes.len, m->config.digest, &config,
				      err);
	if (rc == 0 && ohc_config_n_layers(config) != m->n_layers)
		rc = no_image(c, m, "its config knows another number of layers", err);
	for (size_t i = 0; rc == 0 && i < m->n_layers; i++)
		if (!ohc_media_is_layer(m->layers[i].media_type))
			rc = no_image(c, m, m->layers[i].media_type, err);
	return rc;
}

static bool compresses(const struct ohc_copy *c, const struct ohc_manifest *m)
{
	for (size_t i = 0; i < m->n_layers; i++)
		if (ohc_copy_compressed_wants(c->compress, m->layers[i].media_type))
			return true;
	return false;
}

/* The family that the manifest gets: Docker's has no type for zstd that all engines accept. */
static int adopt(struct ohc_copy *c, struct ohc_manifest *m, struct ohc_document *ret,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	enum ohc_family family = c->convert ? c->family : m->family;
	int rc;

	ohc_document_copy(&doc, ret);
	if (!c->convert && compresses(c, m) && c->compress->compression == OHC_COMPRESSION_ZSTD)
		family = OHC_FAMILY_OCI;
	if (!c->convert && family == m->family)
		return 0;
	ohc_document_clear(ret);
	rc = ohc_convert_manifest(&doc, family, on_lost, c, ret, err);
	if (rc < 0)
		return rc;
	ohc_manifest_clear(m);
	return ohc_manifest_parse(ret, m, err);
}

/* Layers go in their order, because the largest comes first in most images, and the config goes
 * last. */
static int move_manifest(struct ohc_copy *c, const struct ohc_manifest *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_descriptor *blobs =
		ohc_xcalloc(m->n_layers + 1, sizeof(*blobs));
	size_t n = 0;

	for (size_t i = 0; i < m->n_layers; i++)
		if (!ohc_copy_compressed_wants(c->compress, m->layers[i].media_type))
			blobs[n++] = m->layers[i];
	blobs[n++] = m->config;
	return move_blobs(c, blobs, n, err);
}

static int compress_layers(struct ohc_copy *c, struct ohc_manifest *m, struct ohc_document *ret,
			   struct ohc_error *err)
{
	const struct ohc_copy_compressed_way way = { c->from, c->to, c->compress, c->jobs,
						     c->report };
	uint64_t bytes;
	size_t n;
	int rc;

	if (!compresses(c, m))
		return 0;
	rc = ohc_copy_compressed_layers(&c->compressed, &way, m, &n, &bytes, err);
	if (rc < 0)
		return rc;
	c->total.blobs[OHC_COPY_COPIED] += n;
	c->total.bytes_moved += bytes;
	ohc_document_clear(ret);
	ohc_manifest_write(m, ret);
	return 0;
}

static int copy_manifest(struct ohc_copy *c, const struct ohc_document *doc,
			 struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document out = OHC_DOCUMENT_INIT;
	char id[OHC_DIGEST_SHORT];
	int rc = ohc_manifest_parse(doc, &m, err);

	if (rc == 0 && c->images_only)
		rc = check_image(c, &m, err);
	ohc_document_copy(&out, doc);
	if (rc == 0)
		rc = adopt(c, &m, &out, err);
	if (rc < 0)
		return rc;
	rc = move_manifest(c, &m, err);
	if (rc == 0)
		rc = compress_layers(c, &m, &out, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "copy image %s",
				      ohc_digest_short(doc->d.digest, id));
	*ret = out;
	out = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

static int copy_document(struct ohc_copy *c, const struct ohc_document *doc,
			 const char *const *tags, size_t n_tags, unsigned int depth,
			 struct ohc_descriptor *ret, struct ohc_error *err);

/* An entry of an index: a manifest, an index, or a blob of another kind. */
static int copy_entry(struct ohc_copy *c, const struct ohc_descriptor *d, unsigned int depth,
		      struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	const struct ohc_descriptor *done = find_done(c, d->digest);
	int rc;

	if (done) {
		*ret = *done;
		return 0;
	}
	if (!ohc_media_is_manifest(d->media_type) && !ohc_media_is_index(d->media_type)) {
		*ret = *d;
		return move_blobs(c, d, 1, err);
	}
	rc = ohc_store_get_child(c->from, d, &doc, err);
	if (rc == 0)
		rc = copy_document(c, &doc, NULL, 0, depth, ret, err);
	return rc;
}

static int copy_index(struct ohc_copy *c, const struct ohc_document *doc, unsigned int depth,
		      struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	ohc_cleanup(ohc_freep) struct ohc_descriptor *children = NULL;
	enum ohc_family family = c->convert ? c->family : ohc_media_family(doc->d.media_type);
	char id[OHC_DIGEST_SHORT];
	int rc = ohc_index_parse(doc, &index, err);

	if (rc < 0)
		return rc;
	/* Said before it is looked into: builders put attestations, which are no images, into
	 * it. */
	if (c->images_only)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "'%s' holds images of one platform, and no index: say which "
				     "with --platform, or write an oci-archive",
				     c->to->name);
	children = ohc_xcalloc(index.n, sizeof(*children));
	for (size_t i = 0; i < index.n; i++) {
		if (c->convert && ohc_convert_skips(&index.entries[i], family))
			continue;
		rc = copy_entry(c, &index.entries[i].d, depth + 1, &children[i], err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "manifests[%zu] of index %s", i,
					      ohc_digest_short(doc->d.digest, id));
	}
	return ohc_convert_index(doc, family, children, on_lost, c, ret, err);
}

static int copy_referrers(struct ohc_copy *c, const char *digest, unsigned int depth,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_index_clear) struct ohc_index list = OHC_INDEX_INIT;
	struct ohc_descriptor d;
	char id[OHC_DIGEST_SHORT];
	int rc = ohc_store_get_referrers(c->from, digest, &doc, err);

	if (rc == 0)
		rc = ohc_index_parse(&doc, &list, err);
	for (size_t i = 0; rc == 0 && i < list.n; i++)
		rc = copy_entry(c, &list.entries[i].d, depth + 1, &d, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "copy what refers to %s",
				       ohc_digest_short(digest, id))
		      : 0;
}

static int put(struct ohc_copy *c, const struct ohc_document *doc, const char *const *tags,
	       size_t n_tags, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *title = ohc_copy_blob_title(&doc->d);
	struct ohc_task *task = ohc_task_begin(c->report, "copy", title, doc->bytes.len);
	int rc = ohc_store_put_tagged(c->to, tags, n_tags, doc, err);

	ohc_task_advance(task, rc == 0 ? doc->bytes.len : 0);
	ohc_task_end(task, rc == 0 ? "copied" : NULL);
	if (rc == 0)
		c->total.manifests++;
	return rc;
}

static int copy_document(struct ohc_copy *c, const struct ohc_document *doc,
			 const char *const *tags, size_t n_tags, unsigned int depth,
			 struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document out = OHC_DOCUMENT_INIT;
	int rc;

	if (depth > DEPTH_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "indexes or referrers are nested more than "
				     "%d deep",
				     DEPTH_MAX);
	if (ohc_media_is_index(doc->d.media_type))
		rc = copy_index(c, doc, depth, &out, err);
	else
		rc = copy_manifest(c, doc, &out, err);
	if (rc == 0)
		rc = put(c, &out, tags, n_tags, err);
	if (rc == 0)
		rc = add_done(c, doc->d.digest, &out.d, err);
	if (rc == 0 && c->referrers)
		rc = copy_referrers(c, doc->d.digest, depth, err);
	if (rc == 0)
		*ret = out.d;
	return rc;
}

int ohc_copy_image(struct ohc_copy *c, const char *ref, const char *const *tags, size_t n_tags,
		   struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	if (c->referrers && (c->convert || c->compress))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "what refers to an image refers to its digest, which another "
				     "format or compression changes: leave out --referrers, or "
				     "--format and --compression");
	if (c->platform)
		rc = ohc_resolve_image(c->from, ref, c->platform, &doc, NULL, NULL, err);
	else
		rc = ohc_store_get_manifest(c->from, ref, &doc, err);
	if (rc == 0 && !c->convert && !c->compress && find_done(c, doc.d.digest)) {
		*ret = doc.d; /* another tag of an image that went over already */
		return put(c, &doc, tags, n_tags, err);
	}
	if (rc == 0)
		rc = copy_document(c, &doc, tags, n_tags, 0, ret, err);
	return rc;
}
