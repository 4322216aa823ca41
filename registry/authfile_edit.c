// SPDX-License-Identifier: Apache-2.0
#include "registry/authfile_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"
#include "core/lock.h"
#include "core/newfile.h"
#include "core/path.h"
#include "registry/authfile.h"

static int make_parent(const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);

	return ohc_file_mkdirs(dir, 0700, err);
}

/* Locks on NFS need a file that is open for writing; elsewhere reading is enough.  The target of a
 * dangling link is made. */
static int open_file(struct ohc_authfile_edit *e, bool make, struct ohc_error *err)
{
	int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	e->fd = open(e->path, O_RDWR | flags);
	if (e->fd < 0 && errno == EACCES)
		e->fd = open(e->path, O_RDONLY | flags);
	if (e->fd < 0 && errno == ENOENT && make) {
		e->fd = open(e->path, O_RDWR | O_CREAT | flags, 0600);
		e->made = e->fd >= 0;
	}
	if (e->fd >= 0 || (errno == ENOENT && !make))
		return 0;
	return ohc_error_sys(err, "cannot open '%s'", e->path);
}

static int lock(struct ohc_authfile_edit *e, struct ohc_report *report, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_lock_wait(e->fd, OHC_LOCK_EXCLUSIVE, e->path, report, &why);

	if (rc == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &why, rc);
	if (rc < 0)
		ohc_report_say(report, OHC_WARNING, "%s: of several logins at once one may be lost",
			       why.msg);
	return 0;
}

/* A lock on a file that another process has replaced meanwhile protects nothing. */
static int open_locked(struct ohc_authfile_edit *e, bool make, struct ohc_report *report,
		       struct ohc_error *err)
{
	struct stat st;
	int rc;

	for (;;) {
		rc = open_file(e, make, err);
		if (rc < 0 || e->fd < 0)
			return rc;
		if (fstat(e->fd, &st) < 0 || !S_ISREG(st.st_mode))
			return ohc_error_set(err, OHC_E_USAGE, "'%s' is no regular file", e->path);
		rc = lock(e, report, err);
		if (rc < 0 || ohc_lock_same_file(e->fd, e->path))
			return rc;
		ohc_closep(&e->fd);
		e->made = false;
	}
}

int ohc_authfile_edit_begin(struct ohc_authfile_edit *e, const char *path, bool make,
			    struct ohc_report *report, struct ohc_error *err)
{
	int rc = ohc_link_follow(path, &e->path, err);

	if (rc == 0 && make)
		rc = make_parent(e->path, err);
	if (rc == 0)
		rc = open_locked(e, make, report, err);
	if (rc == 0)
		rc = ohc_authfile_load(e->path, false, &e->doc, err);
	if (rc == 0 && !e->doc)
		e->doc = json_object();
	return rc;
}

/* Only root can give a file to somebody else. */
static int keep_owner(const struct ohc_authfile_edit *e, const struct ohc_newfile *f,
		      struct ohc_error *err)
{
	struct stat was, is;

	if (e->fd < 0 || fstat(e->fd, &was) < 0 || fstat(f->fd, &is) < 0 ||
	    (was.st_uid == is.st_uid && was.st_gid == is.st_gid))
		return 0;
	if (fchown(f->fd, was.st_uid, was.st_gid) == 0 || was.st_uid == is.st_uid)
		return 0;
	return ohc_error_sys(err, "'%s' belongs to the user %u, who would lose it", e->path,
			     (unsigned int)was.st_uid);
}

int ohc_authfile_edit_save(struct ohc_authfile_edit *e, struct ohc_error *err)
{
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	char *text = json_dumps(e->doc, JSON_INDENT(8) | JSON_ENCODE_ANY);
	int rc;

	if (!text)
		return ohc_error_set(err, OHC_E_USAGE, "user and password must be UTF-8");
	rc = ohc_newfile_open(&f, e->path, 0600, err);
	if (rc == 0)
		rc = keep_owner(e, &f, err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, text, strlen(text), err);
	if (rc == 0)
		rc = ohc_newfile_commit(&f, err);
	e->made &= rc < 0;
	explicit_bzero(text, strlen(text));
	free(text);
	return rc;
}

void ohc_authfile_edit_end(struct ohc_authfile_edit *e)
{
	struct stat st;

	if (e->made && fstat(e->fd, &st) == 0 && st.st_size == 0 &&
	    ohc_lock_same_file(e->fd, e->path))
		unlink(e->path);
	ohc_closep(&e->fd);
	json_decref(e->doc);
	free(e->path);
	*e = (struct ohc_authfile_edit)OHC_AUTHFILE_EDIT_INIT;
}
