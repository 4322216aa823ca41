// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/newfile.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"
#include "oci/dir/marks.h"
#include "oci/dir/visit.h"
#include "oci/documents/digest.h"

struct gc {
	const char *dir;
	const struct ohc_gc_options *o;
	struct ohc_dir_marks marks;
	struct ohc_gc_result result;
};

static int consider(struct gc *g, int dirfd, const char *name, const char *algorithm,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *digest = ohc_xasprintf("%s:%s", algorithm, name);
	bool temporary = strncmp(name, OHC_TMP_PREFIX, strlen(OHC_TMP_PREFIX)) == 0;
	struct stat st;

	if (!temporary && !ohc_digest_valid(digest))
		return 0; /* another tool's: not ours to remove */
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		return 0;
	if (!temporary && ohc_dir_marks_has(&g->marks, digest)) {
		g->result.kept++;
		g->result.kept_bytes += (uint64_t)st.st_size;
		return 0;
	}
	if (!g->o->dry_run && unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return ohc_error_sys(err, "cannot remove '%s' in '%s'", name, g->dir);
	ohc_report_say(g->o->report, OHC_VERBOSE, "%s %s, %lld bytes",
		       g->o->dry_run ? "would remove" : "removed", temporary ? name : digest,
		       (long long)st.st_size);
	g->result.removed++;
	g->result.removed_bytes += (uint64_t)st.st_size;
	return 0;
}

/* algorithm is "" for a directory in which only temporary files are ours. */
static int sweep(struct gc *g, const char *sub, const char *algorithm, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(g->dir, sub);
	struct dirent *entry;
	DIR *d = opendir(path);
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : ohc_error_sys(err, "cannot open '%s'", path);
	while (rc == 0 && (entry = readdir(d)))
		rc = consider(g, dirfd(d), entry->d_name, algorithm, err);
	closedir(d);
	return rc;
}

/* Other layouts may have the same blobs by a link of their own, and gc reads this one's index. */
static int check_own(const struct gc *g, struct ohc_error *err)
{
	static const char *const dirs[] = { "blobs", "blobs/sha256", "blobs/sha512" };
	struct stat st;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_path(g->dir, dirs[i]);

		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			return ohc_error_set(err, OHC_E_UNSUPPORTED,
					     "'%s' is a symbolic link, so who else uses what lies "
					     "there is not known: nothing was removed",
					     path);
	}
	return 0;
}

/* Takes entries out of index.json, before their blobs go. */
static int unlist(const char *dir, const struct ohc_set *digests, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	json_t *left, *entry;
	size_t i;
	int rc = ohc_dir_index_read(dir, false, &index, err);

	if (rc < 0)
		return rc;
	left = json_array();
	json_array_foreach (json_object_get(index, "manifests"), i, entry) {
		const char *digest = json_string_value(json_object_get(entry, "digest"));

		if (!digest || !ohc_set_has(digests, digest))
			json_array_append(left, entry);
	}
	json_object_set_new(index, "manifests", left);
	return ohc_dir_index_write(dir, index, err);
}

static int collect(struct gc *g, struct ohc_error *err)
{
	static const char *const dirs[][2] = { { "blobs/sha256", "sha256" },
					       { "blobs/sha512", "sha512" },
					       { "blobs", "" },
					       { ".", "" } };
	int rc = check_own(g, err);

	if (rc == 0)
		rc = ohc_dir_marks_make(&g->marks, err);
	if (rc == 0 && g->marks.n_orphans && !g->o->dry_run)
		rc = unlist(g->dir, g->marks.orphans, err);
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(dirs); i++)
		rc = sweep(g, dirs[i][0], dirs[i][1], err);
	return rc;
}

int ohc_dir_gc(const char *dir, const struct ohc_gc_options *o, struct ohc_gc_result *ret,
	       struct ohc_error *err)
{
	struct ohc_dir_visit visit;
	struct gc g = { .dir = dir, .o = o, .marks = { .dir = dir, .report = o->report } };
	int rc;

	ohc_dir_visit_init(&visit, dir);
	rc = ohc_dir_visit_enter_alone(&visit, !o->no_wait, o->report, err);
	if (rc == 0)
		rc = collect(&g, err);
	ohc_dir_visit_leave(&visit);
	ohc_dir_marks_clear(&g.marks);
	if (rc == 0)
		*ret = g.result;
	return rc;
}
