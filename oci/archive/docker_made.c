// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/docker_made.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/codec/codec.h"
#include "oci/documents/manifest.h"

static int find_file(struct ohc_archive *a, const char *path, const char *kind,
		     const struct ohc_archive_file **ret, struct ohc_error *err)
{
	*ret = ohc_archive_find(a, path);
	if (*ret)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' has no '%s', which its manifest.json names as "
			     "a %s",
			     ohc_archive_name(a), path, kind);
}

static void add_part(struct ohc_docker_made *made, const struct ohc_docker_part *part)
{
	if (ohc_docker_made_part(made, part->digest))
		return;
	made->parts = ohc_xrealloc(made->parts, made->n_parts + 1, sizeof(*made->parts));
	made->parts[made->n_parts++] = *part;
}

/* "…/HEX.tar.gz" and "sha256:HEX.tar.gz" are called after their digest. */
static bool named_by_digest(const char *path, char ret[OHC_DIGEST_MAX])
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	if (strncmp(base, "sha256:", 7) == 0)
		base += 7;
	snprintf(ret, OHC_DIGEST_MAX, "sha256:%.64s", base);
	return ohc_digest_valid(ret) && (base[64] == '.' || base[64] == '\0');
}

static int hash_file(struct ohc_archive *a, const struct ohc_archive_file *f,
		     char ret[OHC_DIGEST_MAX], struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_archive_source(a, f);
	int64_t size;

	return ohc_digest_of_source(src, ret, &size, err);
}

/* Measures the blob of a part that is decompressed. */
static int measure(struct ohc_archive *a, struct ohc_docker_part *part, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_docker_made_source(a, part);
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(256 * 1024);
	ssize_t n;

	part->size = 0;
	while ((n = ohc_source_read(src, piece, 256 * 1024, err)) > 0)
		part->size += n;
	return (int)n;
}

static int describe_layer(struct ohc_docker_made *made, struct ohc_archive *a, const char *path,
			  const char *diff_id, enum ohc_family family, struct ohc_descriptor *ret,
			  struct ohc_error *err)
{
	struct ohc_docker_part part = { .size = 0 };
	enum ohc_compression c = OHC_COMPRESSION_NONE;
	const char *media = NULL;
	int rc = find_file(a, path, "layer", &part.file, err);

	if (rc < 0)
		return rc;
	part.size = part.file->size;
	part.decompress = part.file->compression > OHC_COMPRESSION_ZSTD;
	if (!part.decompress)
		c = part.file->compression;
	rc = ohc_media_layer(family, c, &media, err);
	if (c == OHC_COMPRESSION_NONE)
		snprintf(part.digest, sizeof(part.digest), "%s", diff_id);
	else if (rc == 0 && !named_by_digest(part.file->path, part.digest))
		rc = hash_file(a, part.file, part.digest, err);
	if (rc == 0 && part.decompress)
		rc = measure(a, &part, err);
	if (rc < 0)
		return rc;
	ohc_descriptor_set(ret, media, part.digest, part.size);
	add_part(made, &part);
	return 0;
}

static const json_t *diff_ids(const json_t *config)
{
	return json_object_get(json_object_get(config, "rootfs"), "diff_ids");
}

static int check_counts(struct ohc_archive *a, const json_t *layers, const json_t *config,
			const char *path, struct ohc_error *err)
{
	const json_t *ids = diff_ids(config);
	json_t *id;
	size_t i;

	if (json_array_size(layers) > OHC_LAYERS_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s': more than %d layers",
				     ohc_archive_name(a), OHC_LAYERS_MAX);
	if (json_array_size(ids) != json_array_size(layers))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s': '%s' has %zu diff_ids, but manifest.json lists %zu layers",
			ohc_archive_name(a), path, json_array_size(ids), json_array_size(layers));
	json_array_foreach (ids, i, id) {
		const char *s = json_string_value(id);
		int rc = ohc_digest_check(s ? s : "", path, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Docker's types, unless a layer is compressed in a way that those have no name for. */
static enum ohc_family family_of(struct ohc_archive *a, const json_t *layers)
{
	json_t *path;
	size_t i;

	json_array_foreach (layers, i, path) {
		const struct ohc_archive_file *f = ohc_archive_find(a, json_string_value(path));

		if (f && f->compression == OHC_COMPRESSION_ZSTD)
			return OHC_FAMILY_OCI;
	}
	return OHC_FAMILY_DOCKER;
}

/* Makes the manifest that the archive would have had. */
static int make_manifest(struct ohc_docker_made *made, struct ohc_archive *a, const json_t *item,
			 struct ohc_document *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	const char *path = json_string_value(json_object_get(item, "Config"));
	const json_t *layers = json_object_get(item, "Layers");
	enum ohc_family family = family_of(a, layers);
	const struct ohc_archive_file *f;
	struct ohc_docker_part part;
	struct ohc_descriptor d;
	json_t *layer;
	size_t i;
	int rc = find_file(a, path, "config", &f, err);

	if (rc == 0)
		rc = ohc_archive_read(a, f, OHC_DOCUMENT_MAX, &bytes, err);
	if (rc == 0)
		rc = ohc_json_parse(ohc_buf_str(&bytes), bytes.len, path, &config, err);
	if (rc == 0)
		rc = check_counts(a, layers, config, path, err);
	if (rc < 0)
		return rc;
	ohc_manifest_init(&m, family);
	ohc_descriptor_of(
		&d, family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG : OHC_MEDIA_OCI_CONFIG,
		ohc_buf_str(&bytes), bytes.len);
	ohc_manifest_set_config(&m, &d);
	part = (struct ohc_docker_part){ .file = f, .size = f->size };
	memcpy(part.digest, d.digest, sizeof(part.digest));
	add_part(made, &part);
	json_array_foreach (layers, i, layer) {
		rc = describe_layer(made, a, json_string_value(layer),
				    json_string_value(json_array_get(diff_ids(config), i)), family,
				    &d, err);
		if (rc < 0)
			return rc;
		ohc_manifest_add_layer(&m, &d);
	}
	ohc_manifest_write(&m, ret);
	return 0;
}

int ohc_archive_docker_make(struct ohc_docker_made *made, struct ohc_archive *a, const json_t *item,
			    struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = make_manifest(made, a, item, &doc, err);

	if (rc < 0)
		return rc;
	*ret = doc.d;
	if (ohc_docker_made_document(made, doc.d.digest))
		return 0;
	made->documents =
		ohc_xrealloc(made->documents, made->n_documents + 1, sizeof(*made->documents));
	made->documents[made->n_documents++] = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

const struct ohc_document *ohc_docker_made_document(const struct ohc_docker_made *made,
						    const char *digest)
{
	for (size_t i = 0; i < made->n_documents; i++)
		if (strcmp(made->documents[i].d.digest, digest) == 0)
			return &made->documents[i];
	return NULL;
}

const struct ohc_docker_part *ohc_docker_made_part(const struct ohc_docker_made *made,
						   const char *digest)
{
	for (size_t i = 0; i < made->n_parts; i++)
		if (strcmp(made->parts[i].digest, digest) == 0)
			return &made->parts[i];
	return NULL;
}

struct ohc_source *ohc_docker_made_source(struct ohc_archive *a, const struct ohc_docker_part *part)
{
	ohc_cleanup(ohc_freep) char *what = NULL;
	struct ohc_source *compressed = ohc_archive_source(a, part->file);

	if (!part->decompress)
		return compressed;
	what = ohc_xasprintf("'%s' in '%s'", part->file->path, ohc_archive_name(a));
	return ohc_codec_decompress(compressed, true, what);
}

void ohc_docker_made_clear(struct ohc_docker_made *made)
{
	for (size_t i = 0; i < made->n_documents; i++)
		ohc_document_clear(&made->documents[i]);
	free(made->documents);
	free(made->parts);
	memset(made, 0, sizeof(*made));
}
