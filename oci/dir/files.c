// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"
#include "core/newfile.h"
#include "oci/dir/blob.h"
#include "oci/documents/index_json.h"

/* image-layout.md, "oci-layout file". */
int ohc_dir_check_marker(const void *bytes, size_t n, const char *what, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	const char *version = NULL;
	int rc = ohc_json_parse(bytes, n, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_string(doc, "imageLayoutVersion", what, &version, err);
	if (rc < 0)
		return rc;
	if (!version || strncmp(version, "1.", 2) != 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: imageLayoutVersion is '%.32s', and only 1.0.0 is known",
				     what, version ? version : "");
	return 0;
}

int ohc_dir_is(const char *dir, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(dir, "oci-layout");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	int rc;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	rc = ohc_file_read(path, 4096, &bytes, err);
	if (rc == 0)
		rc = ohc_dir_check_marker(ohc_buf_str(&bytes), bytes.len, what, err);
	return rc < 0 ? rc : 1;
}

int ohc_dir_is_none(const char *dir, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' is no OCI image layout: it has no 'oci-layout' file", dir);
}

static bool may_be_there(const char *name)
{
	static const char *const names[] = { ".", "..", "blobs", "index.json", "lost+found" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, OHC_TMP_PREFIX, strlen(OHC_TMP_PREFIX)) == 0;
}

int ohc_dir_may_make(const char *dir, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *real = NULL;
	struct dirent *entry;
	bool strange = false;
	int rc = ohc_link_follow(dir, &real, err);
	DIR *d;

	if (rc == 0)
		rc = ohc_dir_is(dir, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	d = opendir(dir);
	if (!d)
		return errno == ENOENT ? 0 : ohc_error_sys(err, "cannot open '%s'", dir);
	while (!strange && (entry = readdir(d)))
		strange = !may_be_there(entry->d_name);
	closedir(d);
	if (!strange)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' is no OCI image layout (it has no 'oci-layout' file), and "
			     "other things are in it: name an empty or a new directory",
			     dir);
}

/* Makes the names of dir and of the directories above it, up to made, survive a power cut. */
static int sync_made(const char *dir, const char *made, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *d = ohc_xstrdup(dir);
	char *slash = NULL;
	int rc;

	do {
		rc = ohc_file_sync_parent(d, err);
		slash = strrchr(d, '/');
		if (rc < 0 || strcmp(d, made) == 0 || !slash || slash == d)
			return rc;
		*slash = '\0';
	} while (true);
}

int ohc_dir_make_dirs(const char *dir, char **made, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *top = ohc_xstrdup(dir);
	ohc_cleanup(ohc_freep) char *missing = NULL;
	char *slash;
	int rc;

	while (access(top, F_OK) < 0 && errno == ENOENT) {
		free(missing);
		missing = ohc_xstrdup(top);
		slash = strrchr(top, '/');
		if (!slash || slash == top)
			break;
		*slash = '\0';
	}
	rc = ohc_file_mkdirs(dir, 0777, err);
	if (rc == 0 && missing)
		rc = sync_made(dir, missing, err);
	if (rc == 0 && missing && !*made)
		*made = ohc_take(missing);
	return rc;
}

void ohc_dir_unmake_dirs(const char *dir, const char *made)
{
	ohc_cleanup(ohc_freep) char *d = ohc_xstrdup(dir);
	char *slash;

	while (made && rmdir(d) == 0 && strcmp(d, made) != 0) {
		slash = strrchr(d, '/');
		if (!slash || slash == d)
			break;
		*slash = '\0';
	}
}

void ohc_dir_unmake(const char *dir)
{
	static const char *const dirs[] = { "blobs/sha512", "blobs/sha256", "blobs" };
	static const char *const files[] = { "oci-layout", "index.json" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_path(dir, dirs[i]);

		if (rmdir(path) < 0 && errno != ENOENT)
			return;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_path(dir, files[i]);

		unlink(path);
	}
}

int ohc_dir_make(const char *dir, bool *ret_created, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *blobs = ohc_dir_path(dir, "blobs/sha256");
	ohc_cleanup(ohc_freep) char *index = ohc_dir_path(dir, "index.json");
	ohc_cleanup(ohc_freep) char *marker = ohc_dir_path(dir, "oci-layout");
	ohc_cleanup(ohc_json_decref) json_t *empty = ohc_index_json_new();
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(empty);
	bool fresh = access(index, F_OK) < 0;
	int rc = ohc_file_mkdirs(blobs, 0777, err);

	if (rc == 0 && fresh)
		rc = ohc_file_write(index, text, strlen(text), 0644, err);
	if (rc == 0)
		rc = ohc_file_write(marker, OHC_LAYOUT_MARKER, strlen(OHC_LAYOUT_MARKER), 0644,
				    err);
	if (rc == 0)
		*ret_created = fresh;
	else if (fresh)
		ohc_dir_unmake(dir);
	return rc;
}

int ohc_dir_index_read(const char *dir, bool may_be_absent, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(dir, "index.json");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	bool absent = access(path, F_OK) < 0 && errno == ENOENT;
	int rc;

	if (absent && may_be_absent) {
		*ret = ohc_index_json_new();
		return 0;
	}
	if (absent)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is no OCI image layout: it has no 'index.json' file",
				     dir);
	rc = ohc_file_read(path, OHC_INDEX_JSON_MAX, &bytes, err);
	if (rc == 0)
		rc = ohc_index_json_parse(ohc_buf_str(&bytes), bytes.len, what, ret, err);
	return rc;
}

int ohc_dir_index_write(const char *dir, const json_t *index, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(dir, "index.json");
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(index);
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	int rc = ohc_json_check_text(text, strlen(text), OHC_INDEX_JSON_MAX, what, err);

	if (rc == 0)
		rc = ohc_dir_blob_sync(dir, err);
	if (rc == 0)
		rc = ohc_file_write(path, text, strlen(text), 0644, err);
	if (rc == 0)
		rc = ohc_file_sync_dir(dir, err);
	return rc;
}
