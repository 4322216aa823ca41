// SPDX-License-Identifier: Apache-2.0
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/io.h"
#include "core/newfile.h"
#include "core/path.h"

#define PIECE (256 * 1024)

static int write_full(int fd, const void *data, size_t n, const char *name, bool despite_interrupt,
		      struct ohc_error *err)
{
	const char *p = data;
	ssize_t done;
	int rc;

	while (n > 0) {
		rc = despite_interrupt ? 0 : ohc_interrupt_check(err);
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

int ohc_file_write_full(int fd, const void *data, size_t n, const char *name, struct ohc_error *err)
{
	return write_full(fd, data, n, name, false, err);
}

int ohc_file_write_at_last(int fd, const void *data, size_t n, const char *name,
			   struct ohc_error *err)
{
	return write_full(fd, data, n, name, true, err);
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

ssize_t ohc_file_read_at(int fd, void *buf, size_t n, uint64_t offset)
{
	size_t have = 0;
	ssize_t got = 1;

	while (have < n && got != 0) {
		got = pread(fd, (char *)buf + have, n - have, (off_t)(offset + have));
		if (got < 0 && errno != EINTR)
			return -1;
		have += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)have;
}

int ohc_file_copy(struct ohc_source *src, int fd, const char *name, uint64_t *count,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;
	int rc;

	while ((n = ohc_source_read(src, piece, PIECE, err)) > 0) {
		rc = ohc_file_write_full(fd, piece, (size_t)n, name, err);
		if (rc < 0)
			return rc;
		*count += (uint64_t)n;
	}
	return (int)n;
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
