/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a directory as the entries of a payload layer: everything below it, under the prefix and
 * nowhere else, in bytewise order of the names in the tar (a directory's ends in '/').
 *
 *	struct ohc_from_dir t = { .dir = "build/openhands", .prefix = "/openhands", … };
 *
 *	src = ohc_layer_source(ohc_from_dir_write, &t, &codec, 0);
 *
 * Files that are one file by several names are one entry and hard links to it.  The extended
 * attributes user.* and security.capability are kept; the others are about this machine (SELinux
 * labels, ACLs with its account numbers).  Sockets are left out with a warning.  Memory holds the
 * directory's listing (layout/layer/listing.h), and one record for each file that has several
 * names.
 *
 * A file or directory that changes or vanishes while it is read, or a file since it was listed, is
 * an error that names it: the layer would be neither what was there before nor what is there now.
 * So is a name that starts with ".wh." (image-spec layer.md, "Whiteouts": it would delete, not
 * add).
 */
#ifndef OHC_LAYOUT_LAYER_FROM_DIR_H
#define OHC_LAYOUT_LAYER_FROM_DIR_H

#include <stdint.h>

#include "core/report.h"
#include "layout/layer/listing.h"
#include "layout/layer/mtime.h"
#include "oci/tar/tar.h"

struct ohc_from_dir {
	const char *dir;
	const char *prefix; /* absolute, normalized, not "/" */
	uint32_t uid, gid;
	enum ohc_mtime mtime;
	int64_t time;
	const struct ohc_listing *listing; /* of dir; NULL: it is made when it is wanted */
	struct ohc_report *report;         /* warnings */
	struct ohc_task *task;             /* advanced by what is read of files */

	/* Results of the last walk. */
	uint64_t files, bytes;
};

/* An ohc_layer_fn; ctx is a struct ohc_from_dir. */
int ohc_from_dir_write(void *ctx, struct ohc_tar_writer *w, struct ohc_error *err);

#endif
