// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/lock.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"

void ohc_dir_visit_init(struct ohc_dir_visit *v, const char *dir)
{
	memset(v, 0, sizeof(*v));
	v->dir = ohc_xstrdup(dir);
	v->fd = -1;
}

struct ohc_stamp ohc_dir_visit_stamp(const struct ohc_dir_visit *v)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(v->dir, "index.json");
	struct stat st = { .st_ino = 0 };

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof(st));
	return ohc_stamp_of(&st);
}

static void take_stamp(struct ohc_dir_visit *v)
{
	v->stamp = ohc_dir_visit_stamp(v);
}

static bool stamp_is(const struct ohc_dir_visit *v)
{
	struct ohc_stamp now = ohc_dir_visit_stamp(v);

	return ohc_stamp_same(&now, &v->stamp);
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
		ohc_report_say(report, OHC_VERBOSE, "going on without: %s", mine.msg);
	return 0;
}

/* Tries once.  1: entered; 0: try again, because it went away or was made meanwhile; or a code. */
static int try_enter(struct ohc_dir_visit *v, bool create, struct ohc_report *report,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(v->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0 && errno == ENOENT && create)
		return ohc_dir_make_dirs(v->dir, &v->made, err);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open the OCI image layout '%s'", v->dir);
	rc = lock(fd, OHC_LOCK_SHARED, v->dir, report, err);
	if (rc < 0)
		return rc;
	rc = ohc_dir_is(v->dir, err);
	if (rc < 0 || !ohc_lock_same_file(fd, v->dir))
		return rc < 0 ? rc : 0;
	if (rc > 0) {
		v->fd = fd;
		fd = -1;
		take_stamp(v);
		return 1;
	}
	if (!create)
		return ohc_dir_is_none(v->dir, err);
	rc = lock(fd, OHC_LOCK_EXCLUSIVE, v->dir, report, err);
	if (rc < 0 || !ohc_lock_same_file(fd, v->dir))
		return rc;
	rc = ohc_dir_is(v->dir, err);
	if (rc == 0) {
		rc = ohc_dir_make(v->dir, &v->created, err);
		take_stamp(v);
	}
	return rc < 0 ? rc : 0;
}

int ohc_dir_visit_enter(struct ohc_dir_visit *v, bool create, struct ohc_report *report,
			struct ohc_error *err)
{
	int rc = 0;

	if (v->fd >= 0)
		return 0;
	if (create)
		rc = ohc_dir_may_make(v->dir, err);
	while (rc == 0)
		rc = try_enter(v, create, report, err);
	return rc < 0 ? rc : 0;
}

int ohc_dir_visit_enter_alone(struct ohc_dir_visit *v, bool wait, struct ohc_report *report,
			      struct ohc_error *err)
{
	int rc;

	for (;;) {
		ohc_cleanup(ohc_closep) int fd = open(v->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return ohc_error_sys(err, "cannot open the OCI image layout '%s'", v->dir);
		if (!wait && !ohc_lock_try(fd, OHC_LOCK_EXCLUSIVE))
			return ohc_error_set(err, OHC_E_FAILED,
					     "'%s' is in use: try again when those who read or "
					     "write it are done",
					     v->dir);
		rc = wait ? ohc_lock_wait(fd, OHC_LOCK_EXCLUSIVE, v->dir, report, err) : 0;
		if (rc < 0)
			return rc;
		if (!ohc_lock_same_file(fd, v->dir))
			continue;
		rc = ohc_dir_is(v->dir, err);
		if (rc <= 0)
			return rc < 0 ? rc : ohc_dir_is_none(v->dir, err);
		v->fd = fd;
		fd = -1;
		return 0;
	}
}

int ohc_dir_visit_lock_index(struct ohc_dir_visit *v, struct ohc_report *report, int *ret_fd,
			     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(v->dir, "oci-layout");
	int fd, rc;

	for (;;) {
		fd = open(path, O_RDWR | O_CLOEXEC); /* NFS wants it for an exclusive lock */
		if (fd < 0)
			fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return ohc_error_sys(err, "cannot open '%s'", path);
		rc = lock(fd, OHC_LOCK_EXCLUSIVE, path, report, err);
		if (rc == 0 && ohc_lock_same_file(fd, path))
			break;
		close(fd);
		if (rc < 0)
			return rc;
	}
	*ret_fd = fd;
	return 0;
}

void ohc_dir_visit_committed(struct ohc_dir_visit *v)
{
	take_stamp(v);
	v->created = false;
}

static void remove_blobs(struct ohc_dir_visit *v, const struct ohc_strv *digests)
{
	for (size_t i = 0; i < digests->n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_blob_path(v->dir, digests->v[i]);

		unlink(path);
	}
}

void ohc_dir_visit_abandon(struct ohc_dir_visit *v, const struct ohc_strv *digests)
{
	if (v->fd < 0 && v->created) /* interrupted between making it and entering it */
		v->fd = open(v->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->fd < 0) {
		ohc_dir_unmake_dirs(v->dir, v->made);
		return;
	}
	if (!ohc_lock_try(v->fd, OHC_LOCK_EXCLUSIVE) || !ohc_lock_same_file(v->fd, v->dir) ||
	    !stamp_is(v))
		return;
	remove_blobs(v, digests);
	if (v->created) {
		ohc_dir_unmake(v->dir);
		ohc_dir_unmake_dirs(v->dir, v->made);
	}
}

void ohc_dir_visit_leave(struct ohc_dir_visit *v)
{
	ohc_closep(&v->fd);
	v->fd = -1;
	free(v->dir);
	free(v->made);
	v->dir = v->made = NULL;
}
