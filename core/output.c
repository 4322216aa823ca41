// SPDX-License-Identifier: Apache-2.0
#include "core/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/interrupt.h"
#include "core/link.h"

#define ASK_MS 20

/* /dev/stdout and its like are links to /proc/self/fd. */
static int by_name(const char *path)
{
	static const char *const dirs[] = { "/proc/self/fd/", "/dev/fd/" };
	uint32_t fd;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++) {
		const char *number = path + strlen(dirs[i]);

		if (strncmp(path, dirs[i], strlen(dirs[i])) == 0 &&
		    ohc_id_parse(number, strlen(number), &fd) && fd <= INT32_MAX)
			return (int)fd;
	}
	return -1;
}

static bool leads_to(const struct stat *st, int fd)
{
	struct stat own;

	return fstat(fd, &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

int ohc_output_descriptor(const char *path)
{
	struct stat st;
	int fd = by_name(path);

	if (fd >= 0 || stat(path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)))
		return fd;
	return leads_to(&st, STDOUT_FILENO)   ? STDOUT_FILENO
	       : leads_to(&st, STDERR_FILENO) ? STDERR_FILENO
					      : -1;
}

bool ohc_output_is_stdout(const char *path)
{
	ohc_cleanup(ohc_freep) char *real = NULL;

	return strcmp(path, "-") == 0 || (ohc_link_follow(path, &real, NULL) == 0 &&
					  ohc_output_descriptor(real) == STDOUT_FILENO);
}

/* open(2) would wait for a reader without a word, and without an end. */
static int open_pipe(const char *path, int *ret_fd, struct ohc_error *err)
{
	const int64_t end = ohc_clock_ms() + OHC_OUTPUT_READER_MS;
	int fd, rc = 0;

	while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO &&
	       rc == 0) {
		if (ohc_clock_ms() >= end)
			return ohc_error_set(err, OHC_E_FAILED,
					     "nobody reads the pipe '%s': start what reads it "
					     "first",
					     path);
		rc = ohc_interrupt_wait(ASK_MS, err);
	}
	if (rc < 0)
		return rc;
	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0) {
		rc = ohc_error_sys(err, "cannot open '%s'", path);
		ohc_closep(&fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int ohc_output_open(const char *path, int flags, int *ret_fd, struct ohc_error *err)
{
	int own = ohc_output_descriptor(path), fd;
	struct stat st;

	if (own < 0 && stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
		return open_pipe(path, ret_fd, err);
	fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
		      : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0644);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", path);
	*ret_fd = fd;
	return 0;
}
