// SPDX-License-Identifier: Apache-2.0
#include "core/stamp.h"

#include <stdarg.h>
#include <stdio.h>

/* Coarser than the clock of any file system that is in use (FAT's is 2 s). */
#define RACY_SECONDS 3

/* No clock of a file server is so far ahead of ours. */
#define AHEAD_SECONDS (24 * 60 * 60)

struct ohc_stamp ohc_stamp_of(const struct stat *st)
{
	return (struct ohc_stamp){ st->st_dev,  st->st_ino,  st->st_mode,
				   st->st_size, st->st_mtim, st->st_ctim };
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool ohc_stamp_same(const struct ohc_stamp *a, const struct ohc_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->mode == b->mode && a->size == b->size &&
	       same_time(&a->mtime, &b->mtime) && same_time(&a->ctime, &b->ctime);
}

bool ohc_stamp_is_settled(const struct ohc_stamp *s, time_t now)
{
	const time_t t = s->ctime.tv_sec;

	return t <= now - RACY_SECONDS || t > now + AHEAD_SECONDS;
}

int ohc_stamp_changed(struct ohc_error *err, const char *format, ...)
{
	char what[sizeof(err->msg)];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return ohc_error_set(err, OHC_E_FAILED,
			     "%s changed while it was read: nothing was written, try again when it "
			     "is at rest",
			     what);
}
