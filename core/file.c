// SPDX-License-Identifier: Apache-2.0
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/io.h"
#include "core/link.h"
#include "core/path.h"

int ohc_file_write_full(int fd, const void *data, size_t n, const char *name, struct ohc_error *err)
{
	const char *p = data;
	ssize_t done;
	int rc;

	while (n > 0) {
		rc = ohc_interrupt_check(err);
		if (rc < 0)
			return rc;
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return ohc_error_sys(err, "cannot write '%s'", name);
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Replaces the template's last 16 characters.  mkstemp() would not do: it makes files 0600, and a
 * blob's mode is what the umask leaves of 0644. */
static int open_tmp(char *template, mode_t mode)
{
	static atomic_uint serial;
	size_t len = strlen(template);
	int fd;

	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(template + len - 16, 17, "%08x%08x", (unsigned int)getpid(),
			 atomic_fetch_add(&serial, 1));
		fd = open(template, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Root could replace /dev/full, or the link /dev/stdout, for every program of the machine. */
static bool is_replaceable(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
		return false;
	return stat(path, &st) < 0 || S_ISREG(st.st_mode);
}

static int open_in_place(struct ohc_newfile *f, const char *path, struct ohc_error *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", path);
	f->fd = fd;
	f->path = ohc_xstrdup(path);
	return 0;
}

static int open_beside(struct ohc_newfile *f, const char *path, mode_t mode, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	char *tmp = ohc_xasprintf("%s/" OHC_TMP_PREFIX "pppppppp"
				  "ssssssss",
				  dir);
	int fd = open_tmp(tmp, mode);

	if (fd < 0) {
		free(tmp);
		return ohc_error_sys(err, "cannot create '%s'", path);
	}
	f->fd = fd;
	f->tmp = tmp;
	f->path = ohc_xstrdup(path);
	return 0;
}

int ohc_newfile_open(struct ohc_newfile *f, const char *path, mode_t mode, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *real = NULL;
	int rc = ohc_link_follow(path, &real, err);

	if (rc < 0)
		return rc;
	if (!is_replaceable(path) || !is_replaceable(real))
		return open_in_place(f, path, err);
	return open_beside(f, real, mode, err);
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
	if (!f->tmp)
		return 0;
	if (fsync(f->fd) < 0)
		return ohc_error_sys(err, "cannot write '%s'", f->path);
	if (rename(f->tmp, f->path) < 0)
		return ohc_error_sys(err, "cannot create '%s'", f->path);
	free(ohc_take(f->tmp));
	return 0;
}

void ohc_newfile_close(struct ohc_newfile *f)
{
	ohc_closep(&f->fd);
	if (f->tmp)
		unlink(f->tmp);
	free(f->tmp);
	free(f->path);
	*f = (struct ohc_newfile)OHC_NEWFILE_INIT;
}

int ohc_file_write(const char *path, const void *data, size_t n, mode_t mode, struct ohc_error *err)
{
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	int rc = ohc_newfile_open(&f, path, mode, err);

	if (rc == 0)
		rc = ohc_newfile_write(&f, data, n, err);
	if (rc == 0)
		rc = ohc_newfile_commit(&f, err);
	return rc;
}

int ohc_file_read(const char *path, size_t max, struct ohc_buf *out, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	int fd, rc;

	if (name == path)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	else
		fd = dup(STDIN_FILENO);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", name);
	src = ohc_source_fd(fd, name);
	rc = ohc_source_read_all(src, max, out, err);
	if (rc == -OHC_E_FORMAT)
		return ohc_error_wrap(err, rc, "'%s'", name);
	return rc;
}

int ohc_file_sync_dir(const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", path);
	if (fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
		return ohc_error_sys(err, "cannot write '%s'", path);
	return 0;
}

int ohc_file_sync_parent(const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);

	return ohc_file_sync_dir(dir, err);
}

int ohc_file_mkdirs(const char *path, mode_t mode, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *p = ohc_xstrdup(path);
	struct stat st;

	for (char *s = p + 1; *p && *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(p, mode) < 0 && errno != EEXIST)
			return ohc_error_sys(err, "cannot create directory '%s'", p);
		*s = '/';
	}
	if (mkdir(p, mode) < 0 && errno != EEXIST)
		return ohc_error_sys(err, "cannot create directory '%s'", path);
	if (stat(p, &st) < 0 || !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return ohc_error_sys(err, "cannot create directory '%s'", path);
	}
	return 0;
}
