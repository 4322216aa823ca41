// SPDX-License-Identifier: Apache-2.0
#include "oci/layout_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/lock.h"
#include "oci/digest.h"
#include "oci/layout_blob.h"
#include "oci/layout_index.h"

void ohc_layout_place_init(struct ohc_layout_place *p, const char *dir)
{
	memset(p, 0, sizeof(*p));
	p->dir = ohc_xstrdup(dir);
	p->fd = -1;
}

static void take_stamp(struct ohc_layout_place *p)
{
	ohc_cleanup(ohc_freep) char *path = ohc_layout_path(p->dir, "index.json");

	if (stat(path, &p->stamp) < 0)
		memset(&p->stamp, 0, sizeof(p->stamp));
}

static bool stamp_is(const struct ohc_layout_place *p)
{
	struct ohc_layout_place now = { .dir = p->dir };

	take_stamp(&now);
	return now.stamp.st_ino == p->stamp.st_ino && now.stamp.st_size == p->stamp.st_size &&
	       now.stamp.st_mtim.tv_sec == p->stamp.st_mtim.tv_sec &&
	       now.stamp.st_mtim.tv_nsec == p->stamp.st_mtim.tv_nsec &&
	       now.stamp.st_ctim.tv_sec == p->stamp.st_ctim.tv_sec &&
	       now.stamp.st_ctim.tv_nsec == p->stamp.st_ctim.tv_nsec;
}

/* image-layout.md, "oci-layout file". */
int ohc_layout_check_marker(const void *bytes, size_t n, const char *what, struct ohc_error *err)
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

/* 1 when dir is a layout, 0 when it has no oci-layout file. */
static int is_layout(const char *dir, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_layout_path(dir, "oci-layout");
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	int rc;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	rc = ohc_read_file(path, 4096, &bytes, err);
	if (rc == 0)
		rc = ohc_layout_check_marker(ohc_buf_str(&bytes), bytes.len, what, err);
	return rc < 0 ? rc : 1;
}

static int no_layout(const char *dir, struct ohc_error *err)
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

int ohc_layout_place_check(const struct ohc_layout_place *p, struct ohc_error *err)
{
	struct dirent *entry;
	bool strange = false;
	int rc = is_layout(p->dir, err);
	DIR *d;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	d = opendir(p->dir);
	if (!d)
		return errno == ENOENT ? 0 : ohc_error_sys(err, "cannot open '%s'", p->dir);
	while (!strange && (entry = readdir(d)))
		strange = !may_be_there(entry->d_name);
	closedir(d);
	if (!strange)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' is no OCI image layout (it has no 'oci-layout' file), and "
			     "other things are in it: name an empty or a new directory",
			     p->dir);
}

/* mkdir -p that remembers where it began. */
static int make_dirs(struct ohc_layout_place *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *top = ohc_xstrdup(p->dir);
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
	rc = ohc_mkdirs(p->dir, 0777, err);
	if (rc == 0 && missing && !p->made)
		p->made = ohc_take(missing);
	return rc;
}

/* From dir up to the first directory that was made for it. */
static void remove_dirs(struct ohc_layout_place *p)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrdup(p->dir);
	char *slash;

	while (p->made && rmdir(dir) == 0 && strcmp(dir, p->made) != 0) {
		slash = strrchr(dir, '/');
		if (!slash || slash == dir)
			break;
		*slash = '\0';
	}
}

static void remove_layout(struct ohc_layout_place *p)
{
	static const char *const dirs[] = { "blobs/sha512", "blobs/sha256", "blobs" };
	static const char *const files[] = { "oci-layout", "index.json" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_layout_path(p->dir, dirs[i]);

		if (rmdir(path) < 0 && errno != ENOENT)
			return;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_layout_path(p->dir, files[i]);

		unlink(path);
	}
	remove_dirs(p);
}

/* index.json before oci-layout: who sees the second finds the first.  Under the exclusive lock. */
static int make_layout(struct ohc_layout_place *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *blobs = ohc_layout_path(p->dir, "blobs/sha256");
	ohc_cleanup(ohc_freep) char *index = ohc_layout_path(p->dir, "index.json");
	ohc_cleanup(ohc_freep) char *marker = ohc_layout_path(p->dir, "oci-layout");
	ohc_cleanup(ohc_json_decref) json_t *empty = ohc_layout_index_new();
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(empty);
	bool fresh = access(index, F_OK) < 0;
	int rc = ohc_mkdirs(blobs, 0777, err);

	if (rc == 0 && fresh)
		rc = ohc_write_file(index, text, strlen(text), 0644, err);
	if (rc == 0)
		rc = ohc_write_file(marker, OHC_LAYOUT_MARKER, strlen(OHC_LAYOUT_MARKER), 0644,
				    err);
	if (rc == 0) {
		p->created = fresh;
		take_stamp(p);
	} else if (fresh) {
		remove_layout(p);
	}
	return rc;
}

/* A file system without locks is used without them; only a signal ends the waiting. */
static int lock(int fd, enum ohc_lock_kind kind, const char *name, struct ohc_report *report,
		struct ohc_error *err)
{
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc = ohc_lock_wait(fd, kind, name, report, &mine);

	if (rc == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &mine, rc);
	if (rc < 0)
		ohc_say(report, OHC_VERBOSE, "going on without: %s", mine.msg);
	return 0;
}

/* One try: 1 entered, 0 again (it went away, or was made), or a code. */
static int try_enter(struct ohc_layout_place *p, bool create, struct ohc_report *report,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0 && errno == ENOENT && create)
		return make_dirs(p, err);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open the OCI image layout '%s'", p->dir);
	rc = lock(fd, OHC_LOCK_SHARED, p->dir, report, err);
	if (rc < 0)
		return rc;
	rc = is_layout(p->dir, err);
	if (rc < 0 || !ohc_same_file(fd, p->dir))
		return rc < 0 ? rc : 0;
	if (rc > 0) {
		p->fd = fd;
		fd = -1;
		take_stamp(p);
		return 1;
	}
	if (!create)
		return no_layout(p->dir, err);
	rc = lock(fd, OHC_LOCK_EXCLUSIVE, p->dir, report, err);
	if (rc < 0 || !ohc_same_file(fd, p->dir))
		return rc;
	rc = is_layout(p->dir, err);
	if (rc == 0)
		rc = make_layout(p, err);
	return rc < 0 ? rc : 0;
}

int ohc_layout_place_enter(struct ohc_layout_place *p, bool create, struct ohc_report *report,
			   struct ohc_error *err)
{
	int rc = 0;

	if (p->fd >= 0)
		return 0;
	if (create)
		rc = ohc_layout_place_check(p, err);
	while (rc == 0)
		rc = try_enter(p, create, report, err);
	return rc < 0 ? rc : 0;
}

int ohc_layout_place_enter_alone(struct ohc_layout_place *p, bool wait, struct ohc_report *report,
				 struct ohc_error *err)
{
	int rc;

	for (;;) {
		ohc_cleanup(ohc_closep) int fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return ohc_error_sys(err, "cannot open the OCI image layout '%s'", p->dir);
		if (!wait && !ohc_lock_try(fd, OHC_LOCK_EXCLUSIVE))
			return ohc_error_set(err, OHC_E_FAILED,
					     "'%s' is in use: try again when those who read or "
					     "write it are done",
					     p->dir);
		rc = wait ? ohc_lock_wait(fd, OHC_LOCK_EXCLUSIVE, p->dir, report, err) : 0;
		if (rc < 0)
			return rc;
		if (!ohc_same_file(fd, p->dir))
			continue;
		rc = is_layout(p->dir, err);
		if (rc <= 0)
			return rc < 0 ? rc : no_layout(p->dir, err);
		p->fd = fd;
		fd = -1;
		return 0;
	}
}

int ohc_layout_place_lock_index(struct ohc_layout_place *p, struct ohc_report *report, int *ret_fd,
				struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_layout_path(p->dir, "oci-layout");
	int fd, rc;

	for (;;) {
		fd = open(path, O_RDWR | O_CLOEXEC); /* NFS wants it for an exclusive lock */
		if (fd < 0)
			fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return ohc_error_sys(err, "cannot open '%s'", path);
		rc = lock(fd, OHC_LOCK_EXCLUSIVE, path, report, err);
		if (rc == 0 && ohc_same_file(fd, path))
			break;
		close(fd);
		if (rc < 0)
			return rc;
	}
	*ret_fd = fd;
	return 0;
}

void ohc_layout_place_committed(struct ohc_layout_place *p)
{
	take_stamp(p);
	p->created = false;
}

static void remove_blobs(struct ohc_layout_place *p, const struct ohc_strv *digests)
{
	for (size_t i = 0; i < digests->n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_layout_blob_path(p->dir, digests->v[i]);

		unlink(path);
	}
}

void ohc_layout_place_abandon(struct ohc_layout_place *p, const struct ohc_strv *digests)
{
	if (p->fd < 0 && p->created) /* interrupted between making it and entering it */
		p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0) {
		remove_dirs(p);
		return;
	}
	if (!ohc_lock_try(p->fd, OHC_LOCK_EXCLUSIVE) || !ohc_same_file(p->fd, p->dir) ||
	    !stamp_is(p))
		return;
	remove_blobs(p, digests);
	if (p->created)
		remove_layout(p);
}

void ohc_layout_place_leave(struct ohc_layout_place *p)
{
	ohc_closep(&p->fd);
	p->fd = -1;
	free(p->dir);
	free(p->made);
	p->dir = p->made = NULL;
}
