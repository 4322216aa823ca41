/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Will it run, and does it keep its contract?  Checks an image's merged tree and config, without
 * running anything.
 *
 *	struct ohc_check c = { .files = files, .config = config, .profile = &profile,
 *			       .targets = &targets, .findings = &findings, … };
 *
 *	rc = ohc_check_run(&c, err);
 *	ohc_findings_sort(&findings);
 *
 * The tree is the image as it will be: base, payload and adapter layer merged.  Each check is a
 * function of its own in layout/check/, and adds what it found; where it lacks knowledge (contents
 * that no scan kept) it does not report a fault.  Those that look at every file of the payload run
 * at the same time, each on a processor.  The codes are those of
 * layout/check/finding_codes.h.  A fault of many files is one finding, which names the first and
 * counts the others.
 */
#ifndef OHC_LAYOUT_CHECK_CHECK_H
#define OHC_LAYOUT_CHECK_CHECK_H

#include "layout/files/files.h"
#include "layout/check/findings.h"
#include "layout/profiles/profile.h"
#include "layout/rootfs/rootfs.h"
#include "oci/documents/json.h"
#include "oci/documents/platform.h"

struct ohc_check {
	struct ohc_files *files;
	const json_t *config;      /* of the image */
	const json_t *base_config; /* NULL: the image is judged without its base */
	struct ohc_platform platform;
	const struct ohc_profile *profile;
	const struct ohc_strv *targets; /* where payloads lie: "/openhands" */
	/* Where payloads lie of which no more is known than their directory and its owner, so that
	 * a command in them is not checked; or NULL. */
	const struct ohc_strv *unread;
	struct ohc_findings *findings;
	const struct ohc_findings *before; /* set by ohc_check_run(): of checks that are done */
};

int ohc_check_run(const struct ohc_check *c, struct ohc_error *err);

/* Finds directories that some engines make otherwise than fs has them, where layers lie over one
 * another.  Nothing is reported of layers before the one numbered `from`.  what has the layers:
 * "the image". */
void ohc_check_layers(const struct ohc_rootfs *fs, unsigned int from, const char *what,
		      struct ohc_findings *ret);

/* The checks one by one; each is a row of a table in check.c. */
int ohc_check_command(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_contract(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_dirs(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_env(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_libs(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_needs(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_paths(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_python(const struct ohc_check *c, struct ohc_error *err);
int ohc_check_user(const struct ohc_check *c, struct ohc_error *err);

#endif
