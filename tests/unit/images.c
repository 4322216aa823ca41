// SPDX-License-Identifier: Apache-2.0
#include "images.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/file.h"
#include "oci/config/config.h"
#include "oci/dir/dir.h"
#include "oci/documents/manifest.h"

static struct ohc_strv paths;

int images_setup(void **state)
{
	return scratch_make(state);
}

int images_teardown(void **state)
{
	ohc_strv_clear(&paths);
	return scratch_remove(state);
}

const char *images_path(const char *name)
{
	ohc_strv_take(&paths, ohc_xasprintf("%s/%s", scratch_dir, name));
	return paths.v[paths.n - 1];
}

void images_write(const char *name, const void *data, size_t n)
{
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_file_write(images_path(name), data, n, 0644, &err), 0);
}

bool images_exists(const char *name)
{
	struct stat st;

	return lstat(images_path(name), &st) == 0;
}

struct ohc_store *images_layout(const char *name)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = NULL;
	int rc = ohc_dir_open(images_path(name), OHC_LAYOUT_WRITE, NULL, &s, &err);

	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	return s;
}

static struct ohc_descriptor put_layer(struct ohc_store *s, const char *note, size_t size)
{
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, size);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d;

	for (size_t i = 0; i < size; i++)
		data[i] = note[i % strlen(note)];
	assert_int_equal(ohc_store_put_bytes(s, data, size, OHC_MEDIA_OCI_LAYER, &d, &err), 0);
	return d;
}

struct ohc_descriptor images_put(struct ohc_store *s, const char *tag, const char *note,
				 size_t size)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_descriptor layer = put_layer(s, note, size), d;
	struct ohc_error err = OHC_ERROR_INIT;

	config = json_pack("{s:s, s:s, s:{s:s, s:[s]}}", "architecture", "amd64", "os", "linux",
			   "rootfs", "type", "layers", "diff_ids", layer.digest);
	text = ohc_json_text(config);
	assert_int_equal(ohc_store_put_bytes(s, text, strlen(text), OHC_MEDIA_OCI_CONFIG, &d, &err),
			 0);
	ohc_manifest_init(&m, OHC_FAMILY_OCI);
	ohc_manifest_set_config(&m, &d);
	ohc_manifest_add_layer(&m, &layer);
	ohc_manifest_annotate(&m, "note", note);
	ohc_manifest_write(&m, &doc);
	assert_int_equal(ohc_store_put_manifest(s, tag, &doc, &err), 0);
	return doc.d;
}

static struct ohc_descriptor put_json(struct ohc_store *s, const char *tag, const json_t *j,
				      const char *media)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(j);
	struct ohc_error err = OHC_ERROR_INIT;

	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, media, text, strlen(text));
	assert_int_equal(ohc_store_put_manifest(s, tag, &doc, &err), 0);
	return doc.d;
}

struct ohc_descriptor images_put_index(struct ohc_store *s, const char *tag,
				       const struct ohc_descriptor *children, size_t n)
{
	ohc_cleanup(ohc_json_decref) json_t *index =
		json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType", OHC_MEDIA_OCI_INDEX,
			  "manifests");

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json_object_get(index, "manifests"),
				      ohc_descriptor_json(&children[i]));
	return put_json(s, tag, index, OHC_MEDIA_OCI_INDEX);
}

struct ohc_descriptor images_put_referrer(struct ohc_store *s, const struct ohc_descriptor *d,
					  const char *note)
{
	ohc_cleanup(ohc_json_decref) json_t *j = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor empty;

	assert_int_equal(ohc_store_put_bytes(s, "{}", 2, OHC_MEDIA_OCI_EMPTY, &empty, &err), 0);
	j = json_pack("{s:i, s:s, s:s, s:o, s:[o], s:o, s:{s:s}}", "schemaVersion", 2, "mediaType",
		      OHC_MEDIA_OCI_MANIFEST, "artifactType", "test/sbom", "config",
		      ohc_descriptor_json(&empty), "layers", ohc_descriptor_json(&empty), "subject",
		      ohc_descriptor_json(d), "annotations", "note", note);
	return put_json(s, NULL, j, OHC_MEDIA_OCI_MANIFEST);
}

void images_assert(struct ohc_store *s, const char *ref, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = ohc_store_get_manifest(s, ref, &doc, &err);

	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	assert_string_equal(doc.d.digest, d->digest);
	if (ohc_media_is_index(doc.d.media_type))
		return;
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	for (size_t i = 0; i <= m.n_layers; i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;

		rc = ohc_store_read_blob(s, i < m.n_layers ? &m.layers[i] : &m.config, &bytes,
					 &err);
		assert_string_equal(err.msg, "");
		assert_int_equal(rc, 0);
	}
}
