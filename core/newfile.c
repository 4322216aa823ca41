// SPDX-License-Identifier: Apache-2.0
#include "core/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/link.h"
#include "core/output.h"
#include "core/path.h"

/* Replaces the template's last 16 characters. */
static void next_name(char *template)
{
	static atomic_uint serial;

	snprintf(template + strlen(template) - 16, 17, "%08x%08x", (unsigned int)getpid(),
		 atomic_fetch_add(&serial, 1));
}

/* Opens a new file under a name of the template.  mkstemp() would not do: it makes files 0600, and
 * a blob's mode is what the umask leaves of 0644. */
static int open_tmp(char *template, mode_t mode)
{
	int fd;

	for (unsigned int i = 0; i < 1000; i++) {
		next_name(template);
		fd = open(template, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static char *name_of(const struct ohc_newfile *f)
{
	return ohc_xasprintf("/proc/self/fd/%d", f->fd);
}

/* A file without a name gets one through /proc, which must be there at the end. */
static bool open_nameless(struct ohc_newfile *f, const char *dir, mode_t mode)
{
	ohc_cleanup(ohc_freep) char *name = NULL;

	f->fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
	if (f->fd < 0)
		return false;
	name = name_of(f);
	f->nameless = access(name, F_OK) == 0;
	if (!f->nameless)
		ohc_closep(&f->fd);
	return f->nameless;
}

static int give_name(struct ohc_newfile *f)
{
	ohc_cleanup(ohc_freep) char *name = name_of(f);

	for (unsigned int i = 0; i < 1000; i++) {
		next_name(f->tmp);
		if (linkat(AT_FDCWD, name, AT_FDCWD, f->tmp, AT_SYMLINK_FOLLOW) == 0) {
			f->nameless = false;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -1;
}

/* Root could replace /dev/full, or the link /dev/stdout, for every program of the machine. */
static bool is_replaceable(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0)
		return false;
	if (strncmp(path, "/proc/", 6) == 0 || ohc_output_descriptor(path) >= 0)
		return false;
	return stat(path, &st) < 0 || S_ISREG(st.st_mode);
}

static int open_in_place(struct ohc_newfile *f, const char *path, const char *real,
			 struct ohc_error *err)
{
	int rc = ohc_output_open(real, O_APPEND, &f->fd, err);

	if (rc == 0)
		f->path = ohc_xstrdup(path);
	return rc;
}

/* Where a link stands, what is said of its target names both. */
static int cannot_create(const char *given, const char *path, struct ohc_error *err)
{
	return strcmp(given, path) == 0
		       ? ohc_error_sys(err, "cannot create '%s'", path)
		       : ohc_error_sys(err, "cannot create '%s', where the link '%s' leads", path,
				       given);
}

static int open_beside(struct ohc_newfile *f, const char *given, const char *path, mode_t mode,
		       bool nameless, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	char *tmp = ohc_xasprintf("%s/" OHC_TMP_PREFIX "pppppppp"
				  "ssssssss",
				  dir);

	if (!nameless || !open_nameless(f, dir, mode))
		f->fd = open_tmp(tmp, mode);
	if (f->fd < 0) {
		free(tmp);
		return cannot_create(given, path, err);
	}
	f->tmp = tmp;
	f->path = ohc_xstrdup(path);
	return 0;
}

static int open_new(struct ohc_newfile *f, const char *path, mode_t mode, bool nameless,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *real = NULL;
	int rc;

	if (!*path) {
		errno = ENOENT; /* as open(2) has it; beside it there would be room */
		return ohc_error_sys(err, "cannot create ''");
	}
	rc = ohc_link_follow(path, &real, err);
	if (rc < 0)
		return rc;
	if (!is_replaceable(path) || !is_replaceable(real))
		return open_in_place(f, path, real, err);
	return open_beside(f, path, real, mode, nameless, err);
}

int ohc_newfile_open(struct ohc_newfile *f, const char *path, mode_t mode, struct ohc_error *err)
{
	return open_new(f, path, mode, false, err);
}

int ohc_newfile_open_nameless(struct ohc_newfile *f, const char *path, mode_t mode,
			      struct ohc_error *err)
{
	return open_new(f, path, mode, true, err);
}

int ohc_newfile_open_ahead(struct ohc_newfile *f, const char *path, mode_t mode,
			   struct ohc_error *err)
{
	int rc = ohc_newfile_open_nameless(f, path, mode, err);

	if (rc < 0 || !f->tmp)
		return rc;
	ohc_newfile_close(f);
	f->path = ohc_xstrdup(path);
	f->ahead = true;
	f->mode = mode;
	return 0;
}

int ohc_newfile_begin(struct ohc_newfile *f, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	mode_t mode = f->mode;

	if (!f->ahead)
		return 0;
	path = ohc_take(f->path);
	*f = (struct ohc_newfile)OHC_NEWFILE_INIT;
	return ohc_newfile_open_nameless(f, path, mode, err);
}

int ohc_newfile_write(struct ohc_newfile *f, const void *data, size_t n, struct ohc_error *err)
{
	return ohc_file_write_full(f->fd, data, n, f->path, err);
}

void ohc_newfile_set_path(struct ohc_newfile *f, const char *path)
{
	free(f->path);
	f->path = ohc_xstrdup(path);
}

int ohc_newfile_commit(struct ohc_newfile *f, struct ohc_error *err)
{
	if (f->tmp && fsync(f->fd) < 0)
		return ohc_error_sys(err, "cannot write '%s'", f->path);
	return ohc_newfile_rename(f, err);
}

int ohc_newfile_rename(struct ohc_newfile *f, struct ohc_error *err)
{
	if (!f->tmp)
		return 0;
	if ((f->nameless && give_name(f) < 0) || rename(f->tmp, f->path) < 0)
		return ohc_error_sys(err, "cannot create '%s'", f->path);
	free(ohc_take(f->tmp));
	return 0;
}

void ohc_newfile_close(struct ohc_newfile *f)
{
	ohc_closep(&f->fd);
	if (f->tmp && !f->nameless)
		unlink(f->tmp);
	free(f->tmp);
	free(f->path);
	*f = (struct ohc_newfile)OHC_NEWFILE_INIT;
}
