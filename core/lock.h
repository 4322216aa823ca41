/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Advisory locks between processes: flock(2), which belongs to the open file, so that two threads
 * that open a file each exclude one another too, and which ends with the process however it ends.
 * Directories can be locked as well; `flock -s DIR command` does the same from a shell.
 *
 * Waiting is done by asking again, so that SIGINT ends it wherever it comes.
 */
#ifndef OHC_CORE_LOCK_H
#define OHC_CORE_LOCK_H

#include <stdbool.h>

#include "core/error.h"
#include "core/report.h"

enum ohc_lock_kind {
	OHC_LOCK_SHARED,
	OHC_LOCK_EXCLUSIVE,
};

/* Takes the lock if nobody else has it.  False: somebody has; a lock that fd had before is lost,
 * too. */
bool ohc_lock_try(int fd, enum ohc_lock_kind kind);

/* Waits for the lock, and says so after a second.  Fails on signals and where the file system has
 * no locks. */
int ohc_lock_wait(int fd, enum ohc_lock_kind kind, const char *name, struct ohc_report *report,
		  struct ohc_error *err);

/* Does path still name what fd has open?  A lock on what was replaced protects nothing. */
bool ohc_lock_same_file(int fd, const char *path);

#endif
