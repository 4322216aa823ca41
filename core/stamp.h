/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells whether a file is as it was, without reading it: by the device, inode, size, mode and times
 * that stat(2) gives.
 *
 *	struct ohc_stamp before = ohc_stamp_of(&st);
 *
 *	... fstat(fd, &st) again, when all is read ...
 *	now = ohc_stamp_of(&st);
 *	if (!ohc_stamp_same(&before, &now))
 *		return ohc_stamp_changed(err, "'%s'", path);
 *
 * The times have the resolution of the file system's clock.  A file that was written within its
 * last tick can be written again and keep them (git calls such an index entry "racily clean"):
 * where a stamp is kept for another day, it must be settled.  When it was written its ctime tells,
 * which nobody can set: an mtime may lie in the future.  So may a ctime, where the clock was set
 * back; a change shows then, too.
 */
#ifndef OHC_CORE_STAMP_H
#define OHC_CORE_STAMP_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/error.h"

struct ohc_stamp {
	dev_t dev;
	ino_t ino;
	mode_t mode;
	off_t size;
	struct timespec mtime, ctime;
};

struct ohc_stamp ohc_stamp_of(const struct stat *st);
bool ohc_stamp_same(const struct ohc_stamp *a, const struct ohc_stamp *b);

/* Would a change after `now`, which is the current time, show in another stamp? */
bool ohc_stamp_is_settled(const struct ohc_stamp *stamp, time_t now);

/* OHC_E_FAILED: what the format gives, "'/some/file'", changed while it was read. */
int ohc_stamp_changed(struct ohc_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
