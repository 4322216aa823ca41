// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/layout.h"

#include "oci/documents/digest.h"
#include "oci/dir/files.h"
#include "oci/documents/index_json.h"

int ohc_archive_json(struct ohc_archive *a, const char *path, size_t max, struct ohc_buf *ret,
		     struct ohc_error *err)
{
	const struct ohc_archive_file *f = ohc_archive_find(a, path);

	if (!f)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' has no '%s'", ohc_archive_name(a),
				     path);
	return ohc_archive_read(a, f, max, ret, err);
}

int ohc_archive_layout(struct ohc_archive *a, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf marker = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf index = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *of_marker =
		ohc_xasprintf("oci-layout of '%s'", ohc_archive_name(a));
	ohc_cleanup(ohc_freep) char *of_index =
		ohc_xasprintf("index.json of '%s'", ohc_archive_name(a));
	int rc;

	*ret = NULL;
	if (!ohc_archive_find(a, "oci-layout"))
		return 0;
	rc = ohc_archive_json(a, "oci-layout", 4096, &marker, err);
	if (rc == 0)
		rc = ohc_dir_check_marker(ohc_buf_str(&marker), marker.len, of_marker, err);
	if (rc == 0)
		rc = ohc_archive_json(a, "index.json", OHC_INDEX_JSON_MAX, &index, err);
	if (rc == 0)
		rc = ohc_index_json_parse(ohc_buf_str(&index), index.len, of_index, ret, err);
	return rc;
}

char *ohc_archive_blob_path(const char *digest)
{
	return ohc_xasprintf("blobs/%s/%s", ohc_digest_algorithm_name(digest),
			     ohc_digest_hex(digest));
}

const struct ohc_archive_file *ohc_archive_blob(const struct ohc_archive *a, const char *digest)
{
	ohc_cleanup(ohc_freep) char *path = ohc_archive_blob_path(digest);

	return ohc_archive_find(a, path);
}
