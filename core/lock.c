// SPDX-License-Identifier: Apache-2.0
#include "core/lock.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "core/interrupt.h"

static int operation(enum ohc_lock_kind kind)
{
	return (kind == OHC_LOCK_EXCLUSIVE ? LOCK_EX : LOCK_SH) | LOCK_NB;
}

bool ohc_lock_try(int fd, enum ohc_lock_kind kind)
{
	return flock(fd, operation(kind)) == 0;
}

int ohc_lock_wait(int fd, enum ohc_lock_kind kind, const char *name, struct ohc_report *report,
		  struct ohc_error *err)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	long waited_ms = 0;
	bool told = false;
	int rc;

	while (flock(fd, operation(kind)) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return ohc_error_sys(err, "cannot lock '%s'", name);
		rc = ohc_interrupt_check(err);
		if (rc < 0)
			return rc;
		nanosleep(&pause, NULL);
		waited_ms += pause.tv_nsec / 1000000;
		if (pause.tv_nsec < 50000000)
			pause.tv_nsec *= 2;
		if (!told && waited_ms > 1000) {
			ohc_report_say(report, OHC_NOTICE,
				       "waiting for another process to be done with '%s'", name);
			told = true;
		}
	}
	return 0;
}

bool ohc_lock_same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}
