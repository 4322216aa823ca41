/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visit to the directory of an image layout: makes and removes the directory, and takes the locks
 * that say who may use it when.
 *
 * Two locks, and no file of our own in the layout for them:
 *
 *	the directory	shared by everyone who uses the layout, for as long as they do; exclusive
 *			for gc, for making the layout, and for taking back what a failed writer
 *			left.  So what a running writer put there, or found there, stays.
 *	oci-layout	exclusive while index.json is read, edited and replaced.
 *
 * Tools that take no locks can be run under the first one: `flock -s DIR skopeo copy …`.
 *
 * A layout appears when its oci-layout file does, which is written last.  A kill between leaves a
 * directory that the next writer completes.
 */
#ifndef OHC_OCI_DIR_VISIT_H
#define OHC_OCI_DIR_VISIT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/report.h"
#include "core/stamp.h"
#include "core/strv.h"

struct ohc_dir_visit {
	char *dir;
	char *made;             /* the topmost directory that was made for it, or NULL */
	bool created;           /* the layout was not there before */
	int fd;                 /* the directory, locked; -1 when not entered */
	struct ohc_stamp stamp; /* index.json when it was entered, and after each edit of ours */
};

void ohc_dir_visit_init(struct ohc_dir_visit *v, const char *dir);

/* Takes the shared lock, making directory and layout first when `create`.  Nothing to do when it
 * was entered before.  OHC_E_NOT_FOUND: no such directory; OHC_E_FORMAT: no layout. */
int ohc_dir_visit_enter(struct ohc_dir_visit *v, bool create, struct ohc_report *report,
			struct ohc_error *err);

/* Takes the exclusive lock of a layout that is there: nobody else uses it until it is left.
 * wait false: fails at once when somebody does.  A file system without locks is OHC_E_FAILED. */
int ohc_dir_visit_enter_alone(struct ohc_dir_visit *v, bool wait, struct ohc_report *report,
			      struct ohc_error *err);

/* Takes the lock on index.json; closing *ret_fd ends it.  The visit was entered before. */
int ohc_dir_visit_lock_index(struct ohc_dir_visit *v, struct ohc_report *report, int *ret_fd,
			     struct ohc_error *err);

/* Tells what index.json is like now; all zero where there is none. */
struct ohc_stamp ohc_dir_visit_stamp(const struct ohc_dir_visit *v);

/* Tells that we have replaced index.json: what it refers to must not be removed any more. */
void ohc_dir_visit_committed(struct ohc_dir_visit *v);

/* Removes what a writer that failed has put there: the blobs of these digests, then the layout and
 * its directories if they were made for it and nothing else is in them.  Nothing is touched when
 * others use the layout, or may have relied on a blob of ours since we entered. */
void ohc_dir_visit_abandon(struct ohc_dir_visit *v, const struct ohc_strv *digests);

/* Ends the lock and frees what it holds. */
void ohc_dir_visit_leave(struct ohc_dir_visit *v);

#endif
