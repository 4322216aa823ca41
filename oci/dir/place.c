// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/lock.h"
#include "oci/dir/blob.h"
#include "oci/dir/files.h"

void ohc_dir_place_init(struct ohc_dir_place *p, const char *dir)
{
	memset(p, 0, sizeof(*p));
	p->dir = ohc_xstrdup(dir);
	p->fd = -1;
}

static struct ohc_stamp stamp_of(const struct ohc_dir_place *p)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(p->dir, "index.json");
	struct stat st = { .st_ino = 0 };

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof(st));
	return ohc_stamp_of(&st);
}

static void take_stamp(struct ohc_dir_place *p)
{
	p->stamp = stamp_of(p);
}

static bool stamp_is(const struct ohc_dir_place *p)
{
	struct ohc_stamp now = stamp_of(p);

	return ohc_stamp_same(&now, &p->stamp);
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

/* One try: 1 entered, 0 again (it went away, or was made), or a code. */
static int try_enter(struct ohc_dir_place *p, bool create, struct ohc_report *report,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0 && errno == ENOENT && create)
		return ohc_dir_make_dirs(p->dir, &p->made, err);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open the OCI image layout '%s'", p->dir);
	rc = lock(fd, OHC_LOCK_SHARED, p->dir, report, err);
	if (rc < 0)
		return rc;
	rc = ohc_dir_is(p->dir, err);
	if (rc < 0 || !ohc_lock_same_file(fd, p->dir))
		return rc < 0 ? rc : 0;
	if (rc > 0) {
		p->fd = fd;
		fd = -1;
		take_stamp(p);
		return 1;
	}
	if (!create)
		return ohc_dir_is_none(p->dir, err);
	rc = lock(fd, OHC_LOCK_EXCLUSIVE, p->dir, report, err);
	if (rc < 0 || !ohc_lock_same_file(fd, p->dir))
		return rc;
	rc = ohc_dir_is(p->dir, err);
	if (rc == 0) {
		rc = ohc_dir_make(p->dir, &p->created, err);
		take_stamp(p);
	}
	return rc < 0 ? rc : 0;
}

int ohc_dir_place_enter(struct ohc_dir_place *p, bool create, struct ohc_report *report,
			struct ohc_error *err)
{
	int rc = 0;

	if (p->fd >= 0)
		return 0;
	if (create)
		rc = ohc_dir_may_make(p->dir, err);
	while (rc == 0)
		rc = try_enter(p, create, report, err);
	return rc < 0 ? rc : 0;
}

int ohc_dir_place_enter_alone(struct ohc_dir_place *p, bool wait, struct ohc_report *report,
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
		if (!ohc_lock_same_file(fd, p->dir))
			continue;
		rc = ohc_dir_is(p->dir, err);
		if (rc <= 0)
			return rc < 0 ? rc : ohc_dir_is_none(p->dir, err);
		p->fd = fd;
		fd = -1;
		return 0;
	}
}

int ohc_dir_place_lock_index(struct ohc_dir_place *p, struct ohc_report *report, int *ret_fd,
			     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_dir_path(p->dir, "oci-layout");
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

void ohc_dir_place_committed(struct ohc_dir_place *p)
{
	take_stamp(p);
	p->created = false;
}

static void remove_blobs(struct ohc_dir_place *p, const struct ohc_strv *digests)
{
	for (size_t i = 0; i < digests->n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_dir_blob_path(p->dir, digests->v[i]);

		unlink(path);
	}
}

void ohc_dir_place_abandon(struct ohc_dir_place *p, const struct ohc_strv *digests)
{
	if (p->fd < 0 && p->created) /* interrupted between making it and entering it */
		p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0) {
		ohc_dir_unmake_dirs(p->dir, p->made);
		return;
	}
	if (!ohc_lock_try(p->fd, OHC_LOCK_EXCLUSIVE) || !ohc_lock_same_file(p->fd, p->dir) ||
	    !stamp_is(p))
		return;
	remove_blobs(p, digests);
	if (p->created) {
		ohc_dir_unmake(p->dir);
		ohc_dir_unmake_dirs(p->dir, p->made);
	}
}

void ohc_dir_place_leave(struct ohc_dir_place *p)
{
	ohc_closep(&p->fd);
	p->fd = -1;
	free(p->dir);
	free(p->made);
	p->dir = p->made = NULL;
}
