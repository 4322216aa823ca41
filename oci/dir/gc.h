/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removes from a layout directory what nothing refers to: blobs that no entry of index.json leads
 * to, through indexes, manifests, configs and layers, and temporary files of writers that were
 * killed.
 *
 *	rc = ohc_dir_gc("dir", &options, &result, err);
 *
 * It has the layout to itself (visit.h): every reader and writer of ours holds a shared lock for as
 * long as it lasts, so a blob that one of them has written and that nothing refers to yet stays.  A
 * subject is no reference: an artifact about an image does not keep the image, and goes with it
 * (marks.h); index.json is written before.  A manifest that is missing is reported and skipped.
 * One that is damaged, that cannot be parsed (also by our limits), or whose digest cannot be
 * followed ends gc before anything is removed, since what it refers to cannot be known.
 */
#ifndef OHC_OCI_DIR_GC_H
#define OHC_OCI_DIR_GC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/report.h"

struct ohc_gc_options {
	bool dry_run; /* count, and remove nothing */
	bool no_wait; /* fail where others use the layout */
	struct ohc_report *report;
};

struct ohc_gc_result {
	uint64_t kept, kept_bytes;
	uint64_t removed, removed_bytes;
};

int ohc_dir_gc(const char *dir, const struct ohc_gc_options *o, struct ohc_gc_result *ret,
	       struct ohc_error *err);

#endif
